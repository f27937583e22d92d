/** The writer on Spark beside one that should not be there. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "~/clock";
import { LOG_PARTITION_COLUMN } from "~/lake/hudi/feed-schema";
import { columnsOf } from "~/lake/spark/column-sql";
import { identifier, sql } from "~/lake/spark/sql/sql";
import { tableIn } from "~/lake/spark/tables";
import { eventRow, pipelineFeed } from "../support/pipeline-feed";
import { noSpark, sharedSession } from "../support/spark";
import { SparkWriterLake, type OpenedFeed } from "../support/spark-writer";

const DAY_MS = 86_400_000;

describe.skipIf(noSpark)("a commit of somebody else", () => {
  const session = sharedSession({ conf: { "hoodie.spark.sql.insert.into.operation": "insert" } });
  let lake: SparkWriterLake;
  let feed: OpenedFeed;

  const commit = async (eventId: string) =>
    feed.writer.commit([await lake.stage(pipelineFeed, [eventRow({ eventId })])]);
  const insertAgain = async () => {
    const log = tableIn(lake.database, "pipeline_events_log");
    const columns = sql`${columnsOf(pipelineFeed)}, ${identifier(LOG_PARTITION_COLUMN)}`;
    await session().execute(sql`INSERT INTO ${log} (${columns}) SELECT ${columns} FROM ${log} LIMIT 1`);
  };

  beforeAll(async () => {
    lake = await SparkWriterLake.make();
    feed = await lake.open(pipelineFeed);
    await feed.writer.recover();
  });
  afterAll(() => lake.remove());

  it("is told from those that let go of old days of the log", async () => {
    lake.clock = { now: () => Date.now() - 40 * DAY_MS };
    expect(await commit("long ago")).toMatchObject({ versions: 1 });
    lake.clock = systemClock;
    expect(await feed.writer.maintain()).toEqual([]);
    const { rows } = await session().query(sql`SELECT count(*) FROM ${tableIn(lake.database, "pipeline_events_log")}`);
    expect(rows).toEqual([[0n]]);
    expect(await commit("now")).toMatchObject({ versions: 1 });
  });

  it("right after ours, before the answer is looked at, stops the writer at the next commit (invariant 1)", async () => {
    expect(await commit("ours")).toMatchObject({ versions: 1 });
    lake.afterStatements = () => insertAgain();
    expect(await commit("beside it")).toMatchObject({ versions: 1 });
    lake.afterStatements = () => Promise.resolve();
    const refused = {
      code: "read-only",
      message: expect.stringMatching(/Another job has written to pipeline_events_log/),
    };
    await expect(commit("later")).rejects.toMatchObject(refused);
    await expect(commit("later still")).rejects.toMatchObject(refused);
  });
});
