/** Files as ingest stages them, for whoever has a writer and no ingest. */
import { randomBytes } from "node:crypto";
import { fileEncoder } from "~/ingest/avro/encode";
import type { LakePlace } from "~/lake/storage/lake-place";
import { STAGING_FOLDER } from "~/lake/open";
import type { StagedFile } from "~/lake/writer";
import type { Feed } from "~/model/feed";
import type { Instant } from "~/model/instant";
import type { Row } from "~/model/value";

/**
 * @param n greater for each file of a lake: names sort in the order of arrival. An instant, where ingest is to find it
 * @param asRead the rows as a later version of the feed has them
 */
export async function stageFile(
  { storage, folder }: Pick<LakePlace, "storage" | "folder">,
  feed: Feed,
  n: number | Instant,
  rows: readonly Row[],
  asRead = rows,
): Promise<StagedFile> {
  const name = `${String(n).padStart(17, "0")}-${rows.length}-0123abcd.avro`;
  const path = `${folder}/${STAGING_FOLDER}/${feed.name}/${name}`;
  await storage.write(path, fileEncoder(feed)(rows, randomBytes(16)));
  return { name, path, rows: () => Promise.resolve(asRead) };
}
