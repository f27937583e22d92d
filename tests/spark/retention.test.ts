/**
 * Rows that leave for their age, in tables that both engines write: whichever let them go, either engine gives at every instant what
 * was there then, and tells whoever follows which keys left. (What Spark reads of the embedded engine's is in the contract of readers.)
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { LEFT, leftSetting } from "~/lake/hudi/drops";
import { dropPartitions } from "~/lake/spark/retention";
import { setStatement } from "~/lake/spark/sql/literals";
import { BATCH_ID } from "~/lake/spark/table-timeline";
import { tableIn } from "~/lake/spark/tables";
import type { Commit } from "~/lake/writer";
import { partitionValue, type Feed } from "~/model/feed";
import { EVERYTHING } from "~/model/filter";
import type { Instant } from "~/model/instant";
import { positionOf } from "~/model/position";
import type { Row, WireValue } from "~/model/value";
import { ModelLake } from "../contract/model-lake";
import { SEED } from "../support/depth";
import { eventRow, pipelineFeed, plusFields } from "../support/pipeline-feed";
import { expectSame } from "../support/same";
import { SharedLake, type EngineKind } from "../support/shared-lake";
import { noSpark, sharedSession } from "../support/spark";
import { SparkWriterLake, type OpenedFeed } from "../support/spark-writer";
import { until } from "../support/until";

vi.setConfig({ testTimeout: 300_000, hookTimeout: 600_000 });

const DAY = 86_400_000;
const RETENTION = 2 * DAY;
const NOW = Date.now();

/** An event that happened so many days ago. */
const event = (eventId: string, daysAgo: number, values: Record<string, WireValue> = {}): Row =>
  eventRow({ eventId, eventTimestamp: NOW - daysAgo * DAY, ...values });

class Story {
  readonly model: ModelLake;
  readonly told: Commit[] = [];

  private constructor(readonly lake: SharedLake) {
    this.model = new ModelLake(lake.feed);
  }

  static async of(feed: Feed): Promise<Story> {
    return new Story(await SharedLake.make(feed));
  }

  async commit(rows: readonly Row[]): Promise<void> {
    const commit = await this.lake.tables.writer.commit([await this.lake.stage(rows)]);
    this.model.commit(commit!.instant, rows);
    expect(commit).toMatchObject(this.#range(commit!.instant));
  }

  /** Lets go of what is old. */
  async maintain(): Promise<void> {
    const commits = await this.lake.tables.writer.maintain();
    for (const commit of commits) {
      const { instant } = commit;
      this.model.drop(instant, Math.floor((Date.now() - RETENTION - 1) / DAY) * DAY);
      expect(commit).toMatchObject({
        ...this.#range(instant),
        up: [],
        del: this.model.left(this.#before(instant), instant),
      });
    }
    this.told.push(...commits);
  }

  /** Every instant, every change from one to a later one, and the newest counts, as the model has them. */
  async expectAll(since: Instant = this.model.instants[0]!): Promise<void> {
    const { model, lake } = this;
    const { reader } = lake.tables;
    const at = (instant: Instant) => positionOf(reader.epoch, instant);
    const kept = model.instants.filter((instant) => instant >= since);
    expect(await reader.reach()).toBe(since);
    expect(await reader.instants({ after: null, until: kept.at(-1)!, limit: 1_000 })).toEqual(kept);
    for (const instant of kept) expectSame(await lake.rowsAt(instant), model.rowsAt(instant, EVERYTHING), instant);
    const newest = kept.at(-1)!;
    // Some of them, and in the next run others.
    for (const from of kept.filter((_, i) => i % 3 === SEED % 3)) {
      const changes = await reader.changes(at(from), at(newest));
      expectSame(
        changes,
        {
          kind: "delta",
          from: at(from),
          to: at(newest),
          up: model.changes(from, newest),
          del: model.left(from, newest),
        },
        `since ${from}`,
      );
    }
    expect(await reader.head()).toMatchObject({ position: at(newest), instant: newest });
    expect(await reader.statistics()).toMatchObject({ rows: model.rowsAt(newest, EVERYTHING).length });
    const { entries } = await reader.timeline({ limit: 1_000 });
    const drops = entries.filter(({ action, position }) => action === "replacecommit" && position !== null);
    expect(
      drops.map(({ instant, position, deleted, partitions }) => ({ instant, position, deleted, partitions })),
    ).toEqual(
      this.told
        .filter(({ instant }) => instant >= since)
        .map(({ instant, del, partitions }) => ({ instant, position: at(instant), deleted: del.length, partitions }))
        .reverse(),
    );
  }

  #before(instant: Instant): Instant {
    const { instants } = this.model;
    return instants[instants.indexOf(instant) - 1] ?? "0".padStart(17, "0");
  }

  #range(instant: Instant) {
    const { epoch } = this.lake.tables.reader;
    const before = this.model.instants[this.model.instants.indexOf(instant) - 1] ?? null;
    return { from: positionOf(epoch, before), to: positionOf(epoch, instant) };
  }
}

describe.skipIf(noSpark)("rows that leave for their age, on Spark", () => {
  describe("in a lake that goes from one engine to the other", () => {
    let story: Story;
    const TURNS: readonly EngineKind[] = ["spark", "embedded", "spark"];

    beforeAll(async () => {
      story = await Story.of({ ...pipelineFeed, name: "short_lived", retentionMs: RETENTION });
      for (const [turn, engine] of TURNS.entries()) {
        const t = `t${turn}`;
        await story.lake.open(engine);
        await story.commit([event(`${t}-young`, 0.5), event(`${t}-old`, 5 + turn), event(`${t}-older`, 6 + turn)]);
        await story.commit([
          event(`${t}-moved`, 0.5, { lastUpdatedAt: NOW - 1_000 }),
          event(`${t}-late`, 5 + turn, { status: "FAILED", errorMessage: "x'\"{}" }),
        ]);
        // It turns out to have happened long ago: it leaves although the log has a younger version of it.
        await story.commit([event(`${t}-moved`, 8, { lastUpdatedAt: NOW }), event(`${t}-kept`, 1)]);
        await story.maintain();
        await story.maintain(); // nothing is left to go
        // Later than its day went: it is seen, and leaves in its turn.
        await story.commit([event(`${t}-after`, 5)]);
      }
    });
    afterAll(() => story.lake.remove());

    it("lets them go by one drop each time, with the keys that left", () => {
      expect(story.told).toHaveLength(TURNS.length);
      const [first, second, third] = story.told.map(({ del }) => del);
      expect(first).toEqual(["t0-late", "t0-moved", "t0-old", "t0-older"]);
      expect(second).toEqual(["t0-after", "t1-late", "t1-moved", "t1-old", "t1-older"]);
      expect(third).toEqual(["t1-after", "t2-late", "t2-moved", "t2-old", "t2-older"]);
    });

    it.each(TURNS.slice(1))("%s gives at every instant what was there then (invariants 2, 4, 5)", async (engine) => {
      await story.lake.open(engine);
      await story.expectAll();
    });
  });

  it.each([
    { kind: "without a log", values: { historyMs: null } },
    { kind: "in one table for all versions", values: { writeMode: "append" as const } },
    { kind: "cut into buckets", values: { buckets: 2 } },
  ])("leave tables $kind too", async ({ values }) => {
    const feed: Feed = { ...pipelineFeed, name: "short_lived", retentionMs: RETENTION, ...values };
    const story = await Story.of(feed);
    try {
      await story.lake.open("spark");
      await story.commit([event("young", 0.5), event("old", 5)]);
      await story.commit([event("moved", 8), event("old", 5, { lastUpdatedAt: NOW })]);
      await story.maintain();
      expect(story.told.map(({ del }) => del)).toEqual([["moved", "old"]]);
      await story.commit([event("young-2", 0.25)]);
      // An append feed has no memory but its table.
      await story.expectAll(feed.writeMode === "append" ? story.told[0]!.instant : undefined);
    } finally {
      await story.lake.remove();
    }
  });

  describe("told to others", () => {
    const feed: Feed = { ...pipelineFeed, name: "short_lived", retentionMs: RETENTION };
    const session = sharedSession();
    let lake: SparkWriterLake;
    let opened: OpenedFeed;
    let begun: Commit;

    beforeEach(async () => {
      lake = await SparkWriterLake.make();
      opened = await lake.open(feed);
      await opened.writer.recover();
      begun = (await commit(event("young", 0.5), event("old", 5)))!;
    });
    afterEach(() => lake.remove());

    const commit = async (...rows: Row[]) => opened.writer.commit([await lake.stage(feed, rows)]);
    const laidAside = (drop: Instant) => lake.textOf(`lake/${feed.name}/.hoodie/archived/${drop}.replacecommit`);
    const dropped = async () => (await opened.reader.instants({ after: null, until: "9".repeat(17), limit: 10 }))[1]!;

    it("are found gone by a process that follows (invariant 4)", async () => {
      const { reader: follower } = await lake.open(feed);
      expect((await follower.head()).position).toBe(begun.to);
      const [left] = await opened.writer.maintain();
      expect(left).toMatchObject({ from: begun.to, del: ["old"] });
      await until("the drop", async () => (await follower.head()).position === left!.to);
      expect(await follower.changes(begun.to)).toMatchObject({ kind: "delta", to: left!.to, up: [], del: ["old"] });
      const before = await follower.snapshot({ at: begun.to, filter: EVERYTHING, limit: 10 });
      expect(before).toMatchObject({ kind: "rows", rows: { length: 2 } });
    });

    it("have left, though the answer of the drop was lost and its process ended (invariants 1, 4)", async () => {
      lake.afterStatements = () => Promise.reject(new Error("the connection was lost"));
      await expect(opened.writer.maintain()).rejects.toThrow("the connection was lost");
      lake.afterStatements = () => Promise.resolve();
      opened = await lake.open(feed);
      await opened.writer.recover();
      expect(await opened.writer.maintain()).toEqual([]);
      const drop = await dropped();
      const next = await commit(event("young-2", 0.25));
      expect(next).toMatchObject({ from: positionOf(opened.reader.epoch, drop) });
      expect(await opened.reader.changes(begun.to)).toMatchObject({ kind: "delta", to: next!.to, del: ["old"] });
      expect(await laidAside(drop)).toContain(LEFT);
    });

    it("have left by a drop that comes when nobody waits for it any more (invariant 4)", async () => {
      const path = `${feed.partitionColumn}=${partitionValue(feed.granularity, NOW - 5 * DAY)}`;
      const partitions = new Map([[path, begun.instant]]);
      const what = { before: Math.floor((NOW - RETENTION) / DAY) * DAY, rows: 1, partitions, moved: [] };
      await session().execute(setStatement("hoodie.datasource.write.commitmeta.key.prefix", "weir_"));
      await session().execute(setStatement(BATCH_ID, "sent-before"));
      await session().execute(setStatement(LEFT, leftSetting(what)));
      const table = tableIn(lake.database, feed.name);
      await session().execute(dropPartitions(table, feed.partitionColumn, [path.split("=")[1]!]));
      const next = await commit(event("young-2", 0.25));
      const drop = await dropped();
      expect(next).toMatchObject({ from: positionOf(opened.reader.epoch, drop) });
      expect(await opened.reader.changes(begun.to)).toMatchObject({ kind: "delta", to: next!.to, del: ["old"] });
      expect(await laidAside(drop)).toContain(LEFT);
    });
  });

  it("have left a table that gains a column behind the drop", async () => {
    const feed: Feed = { ...pipelineFeed, name: "short_lived", retentionMs: RETENTION, historyMs: null };
    const lake = await SharedLake.make(feed);
    try {
      await lake.open("spark");
      await lake.tables.writer.commit([await lake.stage([event("young", 0.5), event("old", 5)])]);
      const [left] = await lake.tables.writer.maintain();
      lake.feed = {
        ...plusFields(feed, { name: "team", type: ["null", "string"], default: null }),
        retentionMs: RETENTION,
        historyMs: null,
        name: feed.name,
      };
      const { reader } = await lake.open("spark");
      expect(await reader.head()).toMatchObject({ position: left!.to });
      expect(await reader.statistics()).toMatchObject({ rows: 1 });
      expect(await lake.rowsAt(left!.instant)).toEqual([[...event("young", 0.5), null]]);
    } finally {
      await lake.remove();
    }
  });
});
