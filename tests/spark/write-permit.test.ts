/**
 * Statements outlive the process that sent them: Spark goes on planning what nobody waits for any more, and would commit it after
 * somebody else has put the tables in order.
 */
import { randomUUID } from "node:crypto";
import { posix } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LOG_PARTITION_COLUMN } from "~/lake/hudi/feed-schema";
import { columnsOf } from "~/lake/spark/column-sql";
import { quotedLiteral, setStatement } from "~/lake/spark/sql/literals";
import { sql, type Sql } from "~/lake/spark/sql/sql";
import { BATCH_ID, TableTimeline, type CompletedCommit } from "~/lake/spark/table-timeline";
import { tableIn } from "~/lake/spark/tables";
import { isUnavailable, SparkError } from "~/lake/spark/thrift/faults";
import { WritePermits } from "~/lake/spark/write-permit";
import { WRITER_CONF } from "~/lake/spark/writer";
import { insertIntoLog, loggedAt, mergeIntoState, viewOfStaged } from "~/lake/spark/writer-sql";
import type { Row } from "~/model/value";
import { eventRow, NINE, pipelineFeed as feed } from "../support/pipeline-feed";
import { noBuckets, noSpark, sharedSession } from "../support/spark";
import { isInBucket, SparkWriterLake, type OpenedFeed } from "../support/spark-writer";
import { until } from "../support/until";

const DAY = new Date(NINE).toISOString().slice(0, 10);
const KEY = feed.fields[feed.key]!.name;
const STAGE = feed.fields.findIndex(({ name }) => name === "stageName");

const nullWhileUnavailable = (error: unknown): null => {
  if (isUnavailable(error)) return null;
  throw error;
};

/** What Spark does with its files decides here, so both kinds are tried; what comes of it is the same for both. */
describe.skipIf(noSpark || isInBucket)("a statement of a process that is gone, on a disk", () =>
  tellOf({ inBucket: false }),
);
describe.skipIf(noBuckets)("a statement of a process that is gone, in a bucket", () => tellOf({ inBucket: true }));

function tellOf({ inBucket }: { inBucket: boolean }): void {
  const session = sharedSession({ conf: WRITER_CONF });
  let lake: SparkWriterLake;
  let opened: OpenedFeed;
  let permits: WritePermits;
  const state = () => tableIn(lake.database, "pipeline_events");
  const log = () => tableIn(lake.database, "pipeline_events_log");

  /** What the process prepared before its statement: its permit, its batch id and the view of what it staged. */
  const prepare = async (rows: readonly Row[]): Promise<string> => {
    const batchId = randomUUID();
    const { path } = await lake.stage(feed, rows);
    await session().execute(permits.view());
    await session().execute(setStatement(BATCH_ID, batchId));
    const staged = posix.relative("lake", path);
    await session().execute(viewOfStaged(feed, { url: lake.place.url, paths: [staged, permits.file] }));
    return batchId;
  };
  const insert = (): Sql =>
    insertIntoLog({
      feed,
      table: log(),
      partition: { column: LOG_PARTITION_COLUMN, value: quotedLiteral(DAY) },
      where: sql`true`,
    });
  const merge = ({ instant, partitions }: CompletedCommit): Sql => {
    const days = { from: partitions[0]!, to: partitions.at(-1)! };
    const versions = loggedAt(feed, log(), instant, days);
    return mergeIntoState({
      feed,
      state: state(),
      versions,
      partitions: { from: DAY, to: DAY },
      keys: null,
      skipEqual: false,
    });
  };
  const newestOf = async (table: string): Promise<CompletedCommit> => {
    const [newest] = await (await TableTimeline.open(lake.storage, `lake/${table}`)).newest(1);
    return newest!;
  };
  /** Commits that were requested, of both tables. */
  const requested = async () => {
    const tables = ["pipeline_events_log", "pipeline_events"];
    const entries = await Promise.all(tables.map((table) => lake.storage.list(`lake/${table}/.hoodie`)));
    return entries.flat().filter(({ name }) => name.endsWith(".commit.requested")).length;
  };
  /** The rows of the state: keys with their stages. */
  const held = async () => {
    const { rows } = await session().query(sql`SELECT ${columnsOf(feed)} FROM ${state()}`);
    return Object.fromEntries(rows.map((row) => [row[feed.key], row[STAGE]]));
  };

  beforeAll(async () => {
    lake = await SparkWriterLake.make({ inBucket });
    opened = await lake.open(feed);
    await opened.writer.recover();
    await opened.writer.commit([await lake.stage(feed, [eventRow({ [KEY]: "first" })])]);
    permits = new WritePermits(lake.place, feed);
  });
  afterAll(() => lake.remove());

  it("writes nothing after the tables were put in order by another (invariant 1)", async () => {
    await permits.renew();
    await prepare([eventRow({ [KEY]: "insert of the dead" })]);
    const another = (await lake.open(feed)).writer;
    await another.recover();
    const logged = await newestOf("pipeline_events_log");
    const before = await requested();
    await expect(session().execute(insert())).rejects.toBeInstanceOf(SparkError);
    await expect(session().execute(merge(logged))).rejects.toBeInstanceOf(SparkError);
    // They found no permit after they had requested their instants: whoever looks at the timeline first sees them.
    expect(await requested()).toBe(before + 2);
    expect(await newestOf("pipeline_events_log")).toEqual(logged);
    expect(await held()).toEqual({ first: "load" });
  });

  it("leaves nothing that stops whoever writes now (invariants 1, 2)", async () => {
    const another = (await lake.open(feed)).writer;
    // What failed shows signs of life until they have expired.
    await until("the tables in order", () => another.recover().catch(nullWhileUnavailable), 60_000);
    await another.commit([await lake.stage(feed, [eventRow({ [KEY]: "second" })])]);
    expect(await held()).toEqual({ first: "load", second: "load" });
  });

  if (inBucket && !isInBucket) return;

  it("does not keep a writer from writing when it has taken its permit away", async () => {
    const { writer } = await lake.open(feed);
    await writer.recover();
    await permits.renew();
    const staged = await lake.stage(feed, [eventRow({ [KEY]: "second", stageName: "again", lastUpdatedAt: NINE + 1 })]);
    await expect(writer.commit([staged])).rejects.toThrow();
    expect(await writer.commit([staged])).toMatchObject({ versions: 1 });
    expect(await held()).toEqual({ first: "load", second: "again" });
  });

  /** The log has two commits, of which the state has the second only. */
  const makeHole = async (lost: string, twice: string) => {
    await permits.renew();
    await prepare([eventRow({ [KEY]: lost }), eventRow({ [KEY]: twice, stageName: "before" })]);
    await session().execute(insert());
    const hole = await newestOf("pipeline_events_log");
    await prepare([eventRow({ [KEY]: twice, stageName: "after" })]);
    await session().execute(insert());
    const later = await newestOf("pipeline_events_log");
    await session().execute(merge(later));
    return { hole, later };
  };

  it("and that left a hole in the state is made up for, and the last of equal versions counts (invariant 2)", async () => {
    const { hole, later } = await makeHole("lost", "twice");
    expect(await held()).toEqual({ first: "load", second: "again", twice: "after" });

    const { writer } = await lake.open(feed);
    expect((await writer.recover()).finished).toEqual([hole.instant, later.instant]);
    expect(await held()).toEqual({ first: "load", second: "again", twice: "after", lost: "load" });
    expect((await writer.recover()).finished).toEqual([]);
  });

  it("is made up for to the end when that was cut short, too (invariant 2)", async () => {
    const { hole, later } = await makeHole("lost again", "twice again");
    await session().execute(setStatement(BATCH_ID, hole.batchId!));
    await session().execute(merge(hole));
    expect(await held()).toMatchObject({ "lost again": "load", "twice again": "before" });
    const { writer } = await lake.open(feed);
    expect((await writer.recover()).finished).toEqual([later.instant]);
    expect(await held()).toMatchObject({ "lost again": "load", "twice again": "after" });
  });
}
