/** A state that is cut into buckets: written on Spark, read by both engines. */
import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "~/clock";
import { openLake } from "~/lake/open";
import type { FeedReader } from "~/lake/reader";
import { EVERYTHING } from "~/model/filter";
import type { Feed } from "~/model/feed";
import { feedFromSchema } from "~/model/feed-from-schema";
import type { Row } from "~/model/value";
import { eventRow, NINE, pipelineFeed } from "../support/pipeline-feed";
import { noSpark } from "../support/spark";
import { isInBucket, SparkWriterLake, type OpenedFeed } from "../support/spark-writer";

const schema = pipelineFeed.schema as { weir: object };
const inBuckets = (buckets: number): Feed =>
  feedFromSchema({ ...schema, weir: { ...schema.weir, layout: "bucket", buckets } }, (text) =>
    createHash("sha256").update(text).digest("hex").slice(0, 8),
  );
const feed = inBuckets(3);
const DAY_MS = 86_400_000;

const rowsOf = async (reader: FeedReader): Promise<readonly Row[]> => {
  const { position } = await reader.head();
  const answer = await reader.snapshot({ at: position, filter: EVERYTHING, limit: 1_000 });
  if (answer.kind === "gone") throw new Error(`${position} is gone`);
  return answer.rows;
};

describe.skipIf(noSpark)("a state that is cut into buckets", () => {
  const events = Array.from({ length: 40 }, (_, i) => eventRow({ eventId: `e-${String(i).padStart(2, "0")}` }));
  const changed = eventRow({ eventId: "e-07", status: "FAILED", lastUpdatedAt: NINE + 1 });
  const moved = eventRow({ eventId: "e-08", eventTimestamp: NINE - DAY_MS, lastUpdatedAt: NINE + 1 });
  const late = eventRow({ eventId: "e-09", status: "STARTED", lastUpdatedAt: NINE - 1 });
  const expected = [...events.filter((_, i) => i !== 7 && i !== 8), changed]
    .sort((a, b) => (a[0]! < b[0]! ? -1 : 1))
    .concat([moved]);
  let lake: SparkWriterLake;
  let opened: OpenedFeed;

  beforeAll(async () => {
    lake = await SparkWriterLake.make();
    opened = await lake.open(feed);
    await opened.writer.recover();
    await opened.writer.commit([await lake.stage(feed, events)]);
    await opened.writer.commit([await lake.stage(feed, [changed, moved, late])]);
  });
  afterAll(() => lake.remove());

  it("holds the newest version of each key, in groups that are named by their buckets (invariant 2)", async () => {
    expect(await rowsOf(opened.reader)).toEqual(expected);
    const files = await lake.storage.list("lake/pipeline_events/event_date=2026-11-21");
    const groups = files.map(({ name }) => name).filter((name) => name.endsWith(".parquet") && !name.startsWith("."));
    expect(new Set(groups.map((name) => name.slice(0, 8)))).toEqual(new Set(["00000000", "00000001", "00000002"]));
    const properties = await lake.textOf("lake/pipeline_events/.hoodie/hoodie.properties");
    expect(properties).toMatch(/^weir\.table\.buckets=3$/m);
    expect(properties).toMatch(/^hoodie\.table\.version=6$/m);
  });

  it.skipIf(isInBucket)("is read by the embedded engine, which does not write it, and says so", async () => {
    const engine = { kind: "embedded" as const };
    const embedded = await openLake({
      engine,
      storage: lake.storage,
      folder: "lake",
      clock: systemClock,
      retainMs: 1e9,
    });
    try {
      const { reader, writer } = await embedded.tables(feed);
      await writer.recover();
      expect((await reader.head()).position).toBe((await opened.reader.head()).position);
      expect(await rowsOf(reader)).toEqual(expected);
      const staged = await lake.stage(feed, [eventRow({ eventId: "new" })]);
      await expect(writer.commit([staged])).rejects.toMatchObject({
        code: "read-only",
        message: expect.stringMatching(/cut into 3 buckets, and does not write it\. Set WEIR_ENGINE=spark/) as string,
      });
    } finally {
      await embedded.close();
    }
  });
});
