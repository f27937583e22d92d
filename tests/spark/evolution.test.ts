/** A feed gains fields while its tables are full, on Spark and on the embedded engine in turn. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "~/clock";
import { openLake } from "~/lake/open";
import type { FeedReader } from "~/lake/reader";
import type { StagedFile } from "~/lake/writer";
import { EVERYTHING } from "~/model/filter";
import type { Position } from "~/model/position";
import type { Row, WireValue } from "~/model/value";
import { eventRow, pipelineFeed, plusFields } from "../support/pipeline-feed";
import { noSpark } from "../support/spark";
import { isInBucket, SparkWriterLake, type OpenedFeed } from "../support/spark-writer";

const optional = (name: string, type: unknown) => ({ name, type: ["null", type], default: null });
const decimal = { type: "bytes", logicalType: "decimal", precision: 12, scale: 2 };
const source = { type: "record", name: "Source", fields: [optional("host", "string"), optional("port", "int")] };
const wider = plusFields(
  pipelineFeed,
  optional("team", "string"),
  optional("tags", { type: "array", items: "string" }),
  optional("counts", { type: "map", values: "long" }),
  optional("source", source),
  optional("cost", decimal),
  { name: "priority", type: "int", default: 3, doc: "${env:HOME}" },
);
const widest = plusFields(wider, optional("region", "string"));

const NOTHING = [null, null, null, null, null];
const MORE = ["core", ["a", "b"], { x: 1 }, { host: "h", port: 80 }, "12.50", 1];
const row = (eventId: string, ...more: WireValue[]): Row => [...eventRow({ eventId, labels: { k: eventId } }), ...more];

const rowsAt = async (reader: FeedReader, at?: Position): Promise<readonly Row[]> => {
  const position = at ?? (await reader.head()).position;
  const answer = await reader.snapshot({ at: position, filter: EVERYTHING, limit: 100 });
  if (answer.kind === "gone") throw new Error(`${position} is gone`);
  return answer.rows;
};

describe.skipIf(noSpark)("a feed whose schema gains optional fields", () => {
  let lake: SparkWriterLake;
  let feed: OpenedFeed;
  let before: Position;
  let staged: StagedFile;

  beforeAll(async () => {
    lake = await SparkWriterLake.make();
    feed = await lake.open(pipelineFeed);
    await feed.writer.recover();
    await feed.writer.commit([await lake.stage(pipelineFeed, [row("a"), row("b")])]);
    before = (await feed.reader.head()).position;
    staged = await lake.stage(pipelineFeed, [row("c")], [row("c", ...NOTHING, 3)]);
  });
  afterAll(() => lake.remove());

  it("has them in its tables at once, null in older rows, at the same positions (invariant 5)", async () => {
    feed = await lake.open(wider);
    const rows = [row("a", ...NOTHING, null), row("b", ...NOTHING, null)];
    expect((await feed.reader.head()).position).toBe(before);
    expect(await rowsAt(feed.reader)).toEqual(rows);
    expect(await feed.writer.recover()).toMatchObject({ rolledBack: [], finished: [] });
  });

  it("commits what was staged before together with what is staged now (invariant 1)", async () => {
    const now = await lake.stage(wider, [row("d", ...MORE), row("a", ...MORE)]);
    const commit = await feed.writer.commit([staged, now]);
    expect(commit).toMatchObject({ versions: 3, duplicates: 0 });
    const rows = [row("a", ...MORE), row("b", ...NOTHING, null), row("c", ...NOTHING, 3), row("d", ...MORE)];
    expect(await rowsAt(feed.reader)).toEqual(rows);
    expect(await rowsAt(feed.reader, before)).toEqual([row("a", ...NOTHING, null), row("b", ...NOTHING, null)]);
    for (const table of ["pipeline_events", "pipeline_events_log"]) {
      const hoodie = `lake/${table}/.hoodie`;
      const properties = await lake.textOf(`${hoodie}/hoodie.properties`);
      expect(properties).toMatch(/^hoodie\.table\.version=6$/m);
      expect(properties).not.toMatch(/^hoodie\.table\.metadata\.partitions=./m);
      expect(await lake.storage.list(`${hoodie}/metadata`)).toEqual([]);
    }
  });

  it.skipIf(isInBucket)("goes to the embedded engine, gains another field there, and comes back", async () => {
    const engine = { kind: "embedded" as const };
    const embedded = await openLake({
      engine,
      storage: lake.storage,
      folder: "lake",
      clock: systemClock,
      retainMs: 1e9,
    });
    const { reader, writer } = await embedded.tables(widest);
    const { position } = await feed.reader.head();
    const known = (await rowsAt(feed.reader)).map((known) => [...known, null]);
    try {
      await writer.recover();
      expect((await reader.head()).position).toBe(position);
      expect(await rowsAt(reader)).toEqual(known);
      expect(await rowsAt(reader, before)).toHaveLength(2);
      await writer.commit([await lake.stage(widest, [row("e", ...MORE, "north")])]);
    } finally {
      await embedded.close();
    }
    feed = await lake.open(widest);
    await feed.writer.recover();
    const rows = [...known, row("e", ...MORE, "north")];
    expect(await rowsAt(feed.reader)).toEqual(rows);
    await feed.writer.commit([await lake.stage(widest, [row("f", ...MORE, "south")])]);
    expect(await rowsAt(feed.reader)).toEqual([...rows, row("f", ...MORE, "south")]);
    expect(await rowsAt(feed.reader, position)).toEqual(known);
  });

  it.skipIf(isInBucket)("is not written when a field went away, with a sentence that names it", async () => {
    await expect(lake.open(wider)).rejects.toMatchObject({
      code: "read-only",
      message: expect.stringMatching(/column region.*Declare it again/) as string,
    });
  });
});
