/** Tables of an embedded lake in a temporary folder, for tests of the writer and of what stands on it. */
import { createHash } from "node:crypto";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Clock } from "~/clock";
import { openEngine, type Engine } from "~/lake/duckdb/connection";
import { openFeedTables, type EmbeddedTables, type FeedTablesOptions } from "~/lake/duckdb/feed-tables";
import type { HudiTable } from "~/lake/hudi/table";
import { localStorage } from "~/lake/storage/local";
import type { Storage } from "~/lake/storage/storage";
import type { StagedFile } from "~/lake/writer";
import type { Feed } from "~/model/feed";
import { feedFromSchema } from "~/model/feed-from-schema";
import type { Row, WireValue } from "~/model/value";
import { removeFolder } from "./remove-folder";

/** Something to undo when the test is over, last first. */
export const atEnd = (cleanup: () => Promise<void>): void => onTestFinished(cleanup);

export const T0 = Date.parse("2026-11-21T09:00:00Z");

/** A clock that moves one millisecond per look, and as told. */
export function steppedClock(start = T0): Clock & { advance(ms: number): void } {
  let now = start;
  return { now: () => now++, advance: (ms) => void (now += ms) };
}

const shortHash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 8);

export const feedOf = (schema: unknown): Feed => feedFromSchema(schema, shortHash);

export const pipelineEvents = async (): Promise<Feed> =>
  feedOf(JSON.parse(await readFile("avro/PipelineEvent.avsc", "utf8")));

/** Values by name as a row of the feed; what is left out is null. */
export const rowOf = (feed: Feed, values: Readonly<Record<string, WireValue>>): Row =>
  feed.fields.map(({ name }) => values[name] ?? null);

export const stagedFile = (name: string, rows: readonly Row[]): StagedFile => ({
  name,
  path: "",
  rows: () => Promise.resolve(rows),
});

export async function temporaryStorage(): Promise<Storage> {
  const folder = await mkdtemp(join(tmpdir(), "weir-lake-"));
  atEnd(() => removeFolder(folder));
  return localStorage(folder);
}

export async function temporaryEngine(): Promise<Engine> {
  const engine = await openEngine();
  atEnd(() => engine.close());
  return engine;
}

export interface TestLake extends EmbeddedTables {
  engine: Engine;
  storage: Storage;
}

/** Tables of a feed, recovered and ready for commits. */
export async function openTestLake(
  options: Partial<FeedTablesOptions> & Pick<FeedTablesOptions, "feed">,
): Promise<TestLake> {
  const storage = options.storage ?? (await temporaryStorage());
  const engine = options.engine ?? (await temporaryEngine());
  const defaults = { root: "lake", clock: steppedClock(), retainMs: 600_000 };
  const tables = await openFeedTables({ ...defaults, ...options, storage, engine });
  atEnd(() => tables.writer.close());
  await tables.writer.recover();
  return { ...tables, engine, storage };
}

/** All rows of a table's newest slices as text, sorted by commit time and arrival. */
export async function tableRows(engine: Engine, table: HudiTable): Promise<Record<string, unknown>[]> {
  const paths = table.slices().map(({ path }) => `'${table.storage.locate(path)}'`);
  if (paths.length === 0) return [];
  const found = await engine.read((c) =>
    c.runAndReadAll(
      `SELECT * FROM read_parquet([${paths.join(", ")}], union_by_name = true, hive_partitioning = false)
       ORDER BY _hoodie_commit_time, split_part(_hoodie_commit_seqno, '_', 3)::INTEGER`,
    ),
  );
  return found.getRowObjectsJson();
}
