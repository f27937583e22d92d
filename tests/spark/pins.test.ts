/** Pins on Spark are those of the embedded engine: what either has pinned, both read for ever (invariant 5). */
import { randomUUID } from "node:crypto";
import { mkdtemp, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "~/clock";
import { openLake, type Lake } from "~/lake/open";
import type { FeedReader, Head, SnapshotQuery } from "~/lake/reader";
import { localStorage } from "~/lake/storage/local";
import type { Commit } from "~/lake/writer";
import type { Feed } from "~/model/feed";
import { EVERYTHING } from "~/model/filter";
import type { Row } from "~/model/value";
import { feedOf, steppedClock } from "../support/lake";
import { outlive } from "../support/outlived";
import { eventRow, pipelineFeed } from "../support/pipeline-feed";
import { removeFolder } from "../support/remove-folder";
import { noSpark, sparkAddress } from "../support/spark";
import { stageFile } from "../support/staged-file";

const RETAIN_MS = 600_000;
const schema = pipelineFeed.schema as { fields: unknown[] };
const WIDER = feedOf({
  ...schema,
  fields: [...schema.fields, { name: "team", type: ["null", "string"], default: null }],
});

const rowsOf = (status: string, at: number): Row[] =>
  [0, 1, 2].map((n) => {
    const text = { errorMessage: "no 'room' \u{1f4a5}", labels: { k: `v${n}` } };
    return eventRow({ eventId: `e-${n}`, status, ...text, eventTimestamp: at - n, lastUpdatedAt: at });
  });

const at = ({ instant, to, committedAt }: Commit): Head & { instant: string } => ({
  instant,
  position: to,
  committedAt,
});

describe.skipIf(noSpark)("pins on Spark", () => {
  const database = `pins_${randomUUID().replaceAll("-", "")}`;
  const clock = steppedClock(Date.now());
  let folder: string;
  let lake: Lake;
  const commits: Commit[] = [];
  let before: unknown[];

  const onSpark = () =>
    openLake({
      engine: {
        kind: "spark",
        address: { ...sparkAddress(), database },
        url: `file:${folder}/lake`,
        log: pino({ level: "silent" }),
      },
      storage: localStorage(folder),
      folder: "lake",
      clock: systemClock,
      retainMs: RETAIN_MS,
    });
  const embedded = () => openLake({ storage: localStorage(folder), folder: "lake", clock, retainMs: RETAIN_MS });
  const tablesOf = async (open: () => Promise<Lake>, feed: Feed = pipelineFeed) => {
    await lake?.close();
    lake = await open();
    return lake.tables(feed);
  };
  const stage = (rows: Row[]) =>
    stageFile({ storage: localStorage(folder), folder: "lake" }, pipelineFeed, commits.length, rows);
  const ask = (reader: FeedReader, { to }: Commit, more: Partial<SnapshotQuery> = {}) =>
    reader.snapshot({ at: to, filter: EVERYTHING, limit: 100, ...more });

  /** Two commits and their pins on Spark, a third one on the embedded engine; and then years. */
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "weir-spark-pins-"));
    const start = Date.now();
    const spark = await tablesOf(onSpark);
    await spark.writer.recover();
    for (const [i, status] of ["STARTED", "RUNNING"].entries())
      commits.push((await spark.writer.commit([await stage(rowsOf(status, start + i))]))!);
    await spark.pins.pin(at(commits[0]!), "whole", start, 1_000);
    await Promise.all([1, 2].map(() => spark.pins.pin(at(commits[1]!), "in part", start, 2))); // two people at once
    const duckdb = await tablesOf(embedded);
    await duckdb.writer.recover();
    commits.push((await duckdb.writer.commit([await stage(rowsOf("COMPLETED", start + 2))]))!);
    await duckdb.pins.pin(at(commits[2]!), "by the other", start, 1_000);
    before = await Promise.all(commits.map((commit) => ask(duckdb.reader, commit)));
    await outlive(duckdb.writer, pipelineFeed, clock, RETAIN_MS);
  });
  afterAll(async () => {
    await lake.close();
    await removeFolder(folder);
  });

  it.each([
    ["the embedded engine", embedded],
    ["Spark", onSpark],
  ])("are read by %s when everything else of their time is gone", async (_, open) => {
    const { reader, pins } = await tablesOf(open);
    expect(pins.pins().map(({ note, rows }) => [note, rows])).toEqual([["by the other", 3], ["in part", 2], ["whole", 3]]); // prettier-ignore
    const [whole, part, other] = commits as [Commit, Commit, Commit];
    expect(await reader.resolve({ instant: whole.instant })).toEqual({ kind: "head", ...at(whole) });
    for (const commit of [whole, other]) expect(await ask(reader, commit)).toEqual(before[commits.indexOf(commit)]);
    expect(await ask(reader, part, { limit: 2 })).toMatchObject({ kind: "rows", rows: [{}, {}] });
    expect(await ask(reader, part)).toMatchObject({ kind: "gone" });
    expect(await reader.count({ at: whole.to, filter: EVERYTHING, within: 10 })).toMatchObject({ count: 3 });
    expect(await reader.count({ at: part.to, filter: EVERYTHING, within: 10 })).toMatchObject({ kind: "gone" });
  });

  it("have null in what the feed has gained since", async () => {
    const { reader } = await tablesOf(onSpark, WIDER);
    const [first] = before as { rows: Row[] }[];
    expect(await ask(reader, commits[0]!)).toMatchObject({ rows: first!.rows.map((row) => [...row, null]) });
  });

  it("leave nothing but themselves, and are gone when they are taken back", async () => {
    const { reader, pins } = await tablesOf(onSpark, WIDER);
    const [whole, part, other] = commits as [Commit, Commit, Commit];
    await pins.unpin(part.instant);
    expect(await reader.resolve({ instant: part.instant })).toMatchObject({ kind: "gone" });
    await expect(pins.pin(at(part), "", 0, 10)).rejects.toMatchObject({ code: "gone" });
    const left = await readdir(join(folder, "lake", `${pipelineFeed.name}_pins`));
    expect(left.sort()).toEqual([whole, other].flatMap(({ instant }) => [`${instant}.json`, `${instant}.parquet`]));
  });
});
