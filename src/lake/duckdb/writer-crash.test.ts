import { cp } from "node:fs/promises";
import { expect, test } from "vitest";
import type { Feed } from "../../model/feed";
import type { Row } from "../../model/value";
import {
  openTestLake,
  pipelineEvents,
  rowOf,
  stagedFile,
  steppedClock,
  T0,
  tableRows,
  temporaryEngine,
  temporaryStorage,
  type TestLake,
} from "../../../tests/support/lake";
import { forSomeCalls } from "../../../tests/support/some-calls";
import { stoppingStorage, type Fault } from "../../../tests/support/stopping-storage";
import { parseBaseFile } from "../hudi/base-file";
import { HudiTable } from "../hudi/table";
import type { Storage } from "../storage/storage";
import type { Engine } from "./connection";

const DAY_MS = 86_400_000;
const GROUPS = { groupRows: 3 };

const event = (feed: Feed, id: string, status: string, updatedAt: number, day = 0): Row =>
  rowOf(feed, {
    eventId: id,
    correlationId: "batch-1",
    pipelineName: "orders",
    stageName: "load",
    status,
    eventTimestamp: T0 - day * DAY_MS,
    lastUpdatedAt: T0 + updatedAt,
  });

/** Rows that give each kind of work: new keys, an update, a move to a new partition, a late version, a repetition. */
const scene = (feed: Feed) => ({
  before: [event(feed, "a", "STARTED", 0), event(feed, "b", "RUNNING", 5), event(feed, "c", "STARTED", 0)],
  batch: [
    event(feed, "d", "STARTED", 0),
    event(feed, "a", "COMPLETED", 2),
    event(feed, "c", "RUNNING", 1, 1),
    event(feed, "b", "STARTED", 1),
    event(feed, "a", "STARTED", 0),
  ],
});

const brief = (rows: Record<string, unknown>[]) =>
  rows.map((row) => `${String(row["eventId"])} ${String(row["status"])} ${String(row["event_date"] ?? "")}`).sort();

const LOG_BEFORE = ["a STARTED ", "b RUNNING ", "c STARTED "];
const LOG_AFTER = [...LOG_BEFORE, "a COMPLETED ", "b STARTED ", "c RUNNING ", "d STARTED "].sort();
const STATE_BEFORE = ["a STARTED 2026-11-21", "b RUNNING 2026-11-21", "c STARTED 2026-11-21"];
const STATE_AFTER = ["a COMPLETED 2026-11-21", "b RUNNING 2026-11-21", "c RUNNING 2026-11-20", "d STARTED 2026-11-21"];

/** A lake with one commit in it, copied for each try. */
async function baseLake(feed: Feed, engine: Engine): Promise<Storage> {
  const storage = await temporaryStorage();
  const lake = await openTestLake({ feed, engine, storage, bounds: GROUPS });
  await lake.writer.commit([stagedFile("file-1", scene(feed).before)]);
  return storage;
}

async function copyOf(storage: Storage): Promise<Storage> {
  const copy = await temporaryStorage();
  await cp(storage.locate("lake"), copy.locate("lake"), { recursive: true });
  return copy;
}

const LATER = T0 + 60_000;

/** What any reader sees, before anything is recovered: whole commits, and no state ahead of its log (invariant 3). */
async function expectWholeCommits(engine: Engine, storage: Storage): Promise<void> {
  const main = (await HudiTable.open(storage, "lake/pipeline_events"))!;
  const log = (await HudiTable.open(storage, "lake/pipeline_events_log"))!;
  const seen = { log: brief(await tableRows(engine, log)), state: brief(await tableRows(engine, main)) };
  expect([LOG_BEFORE, LOG_AFTER]).toContainEqual(seen.log);
  expect([STATE_BEFORE, STATE_AFTER]).toContainEqual(seen.state);
  if (seen.state.length === STATE_AFTER.length) expect(seen.log).toEqual(LOG_AFTER);
}

/** Everything is in both tables, once, and nothing is left over on disk. */
async function expectAllLanded({ engine, main, log, storage }: TestLake): Promise<void> {
  expect(brief(await tableRows(engine, log!))).toEqual(LOG_AFTER);
  expect(brief(await tableRows(engine, main))).toEqual(STATE_AFTER);
  for (const table of [main, log!]) {
    await table.refresh();
    expect(table.instants.filter(({ state }) => state !== "COMPLETED")).toEqual([]);
    const known = new Set(table.allSlices().map(({ path }) => path));
    for (const partition of table.partitions) {
      for (const { name } of await storage.list(`${table.folder}/${partition}`)) {
        if (parseBaseFile(name)) expect(known).toContain(`${table.folder}/${partition}/${name}`);
      }
    }
  }
  expect(log!.head).toBe(main.head);
}

async function crashAt(fault: Fault): Promise<void> {
  const feed = await pipelineEvents();
  const engine = await temporaryEngine();
  const base = await baseLake(feed, engine);
  await forSomeCalls(async (n) => {
    const storage = await copyOf(base);
    const faulty = stoppingStorage(storage);
    const dying = await openTestLake({
      feed,
      engine,
      storage: faulty.storage,
      clock: steppedClock(LATER),
      bounds: GROUPS,
    });
    faulty.arm(n, fault);
    await dying.writer.commit([stagedFile("file-2", scene(feed).batch)]).catch(() => null);
    const hasHit = faulty.disarm();
    await expectWholeCommits(engine, storage);
    const again = await openTestLake({ feed, engine, storage, clock: steppedClock(LATER + 60_000), bounds: GROUPS });
    await again.writer.commit([stagedFile("file-2", scene(feed).batch)]);
    await expectAllLanded(again);
    return hasHit;
  });
}

test("a process that ends before any call of a commit leaves whole commits, and a replay lands everything once (invariants 1, 3)", async () => {
  await crashAt("stop");
});

test("the same when it ends just after the call (invariants 1, 3)", async () => {
  await crashAt("stop-after");
});

test("a fault that passes costs at most a retry, and the writer stays usable (invariants 1, 2)", async () => {
  const feed = await pipelineEvents();
  const engine = await temporaryEngine();
  const base = await baseLake(feed, engine);
  await forSomeCalls(async (n) => {
    const storage = await copyOf(base);
    const faulty = stoppingStorage(storage);
    const lake = await openTestLake({
      feed,
      engine,
      storage: faulty.storage,
      clock: steppedClock(LATER),
      bounds: GROUPS,
    });
    const from = lake.main.head;
    faulty.arm(n, "fail-once");
    const file = stagedFile("file-2", scene(feed).batch);
    const first = await lake.writer.commit([file]).catch(() => null);
    const hasHit = faulty.disarm();
    const second = await lake.writer.commit([file]);
    const told = [first, second].filter((commit) => commit !== null);
    expect(told).toHaveLength(1); // exactly one answer carries the change, whichever call it was
    expect(told[0]!.from.endsWith(from!)).toBe(true);
    expect(told[0]!.up.map((row) => row[feed.key]).sort()).toEqual(["a", "c", "d"]);
    await expectAllLanded(lake);
    return hasHit;
  });
});

test("what could not be rolled back at once is undone by the next commit", async () => {
  const feed = await pipelineEvents();
  const engine = await temporaryEngine();
  const storage = await baseLake(feed, engine);
  let isFull = false;
  const sometimes: Storage = {
    ...storage,
    publish: (from, to) => (isFull ? Promise.reject(new Error("full")) : storage.publish(from, to)),
    remove: (path) => (isFull ? Promise.reject(new Error("full")) : storage.remove(path)),
  };
  const lake = await openTestLake({ feed, engine, storage: sometimes, clock: steppedClock(LATER), bounds: GROUPS });
  const file = stagedFile("file-2", scene(feed).batch);
  isFull = true;
  await expect(lake.writer.commit([file])).rejects.toThrow("full");
  await expect(lake.writer.commit([file])).rejects.toThrow("full");
  isFull = false;
  expect(await lake.writer.commit([file])).toMatchObject({ versions: 4 });
  await expectAllLanded(lake);
});

test("a log commit without its state commit is finished at the next start under the same instant", async () => {
  const feed = await pipelineEvents();
  const engine = await temporaryEngine();
  const storage = await baseLake(feed, engine);
  const dying: Storage = {
    ...storage,
    putIfAbsent: (path, bytes) =>
      /pipeline_events\/\.hoodie\/\d+\.commit$/.test(path)
        ? Promise.reject(new Error("gone"))
        : storage.putIfAbsent(path, bytes),
    remove: () => Promise.reject(new Error("gone")),
  };
  const lake = await openTestLake({ feed, engine, storage: dying, clock: steppedClock(LATER), bounds: GROUPS });
  await expect(lake.writer.commit([stagedFile("file-2", scene(feed).batch)])).rejects.toThrow("gone");
  const again = await openTestLake({ feed, engine, storage, clock: steppedClock(LATER + 60_000), bounds: GROUPS });
  await expectAllLanded(again);
  const recovered = await again.writer.recover();
  expect(recovered).toMatchObject({ rolledBack: [], finished: [] });
  expect([...recovered.committed].sort()).toEqual(["file-1", "file-2"]);
});

const SHORT: Pick<Feed, "retentionMs"> = { retentionMs: DAY_MS };
const STATE_LEFT = ["c STARTED 2026-11-23"];

/** Two rows of the 21st that are past their time by the 23rd, and one that is not. */
async function agedLake(feed: Feed, engine: Engine): Promise<Storage> {
  const storage = await temporaryStorage();
  const clock = steppedClock(T0);
  const lake = await openTestLake({ feed, engine, storage, clock, bounds: GROUPS });
  const old = [event(feed, "a", "STARTED", 0), event(feed, "b", "RUNNING", 5)];
  await lake.writer.commit([stagedFile("file-1", old)]);
  clock.advance(2 * DAY_MS);
  await lake.writer.commit([stagedFile("file-2", [event(feed, "c", "STARTED", 0, -2)])]);
  return storage;
}

test.each(["stop", "stop-after", "fail-once"] as const)(
  "rows that are past their time leave whole whatever goes wrong (%s), once, and the log keeps them (invariants 1, 3)",
  async (fault) => {
    const feed = { ...(await pipelineEvents()), ...SHORT };
    const engine = await temporaryEngine();
    const base = await agedLake(feed, engine);
    const whole = ["a STARTED 2026-11-21", "b RUNNING 2026-11-21", ...STATE_LEFT];
    const now = T0 + 2 * DAY_MS + 3_600_000;
    await forSomeCalls(async (n) => {
      const storage = await copyOf(base);
      const faulty = stoppingStorage(storage);
      const options = { feed, engine, bounds: GROUPS, retainMs: 600_000 };
      const dying = await openTestLake({ ...options, storage: faulty.storage, clock: steppedClock(now) });
      const before = dying.main.head!;
      faulty.arm(n, fault);
      await dying.writer.maintain().catch(() => null);
      const hasHit = faulty.disarm();
      const seen = (await HudiTable.open(storage, "lake/pipeline_events"))!;
      expect([whole, STATE_LEFT]).toContainEqual(brief(await tableRows(engine, seen)));
      const again = await openTestLake({ ...options, storage, clock: steppedClock(now + 60_000) });
      await again.writer.maintain();
      expect(brief(await tableRows(engine, again.main))).toEqual(STATE_LEFT);
      expect(await tableRows(engine, again.log!)).toHaveLength(3);
      const { instants, drops } = again.main;
      expect(instants.filter(({ state }) => state !== "COMPLETED")).toEqual([]);
      expect(instants.filter(({ action }) => action === "replacecommit")).toHaveLength(1);
      expect(drops).toMatchObject([{ rows: 2, before: T0 - (T0 % DAY_MS) + DAY_MS, moved: [] }]);
      const next = await again.writer.commit([stagedFile("file-3", [event(feed, "d", "STARTED", 0, -2)])]);
      expect(next!.from.endsWith(drops[0]!.instant)).toBe(true);
      expect(drops[0]!.instant > before).toBe(true);
      return hasHit;
    });
  },
);

test("a late event of a day that left comes into the table, leaves it again, and is not taken along by an old clean", async () => {
  const feed = { ...(await pipelineEvents()), ...SHORT };
  const engine = await temporaryEngine();
  const storage = await agedLake(feed, engine);
  const clock = steppedClock(T0 + 2 * DAY_MS + 3_600_000);
  const lake = await openTestLake({ feed, engine, storage, clock, bounds: GROUPS, retainMs: 600_000 });
  const [dropped] = await lake.writer.maintain();
  expect(dropped).toMatchObject({ up: [], del: ["a", "b"], versions: 0, partitions: ["2026-11-21"] });
  const late = await lake.writer.commit([stagedFile("file-3", [event(feed, "late", "STARTED", 0)])]);
  expect(late).toMatchObject({ from: dropped!.to, partitions: ["2026-11-21"] });
  expect(brief(await tableRows(engine, lake.main))).toEqual([...STATE_LEFT, "late STARTED 2026-11-21"]);
  expect(await lake.writer.maintain()).toMatchObject([{ del: ["late"] }]);
  clock.advance(3_600_000);
  await lake.writer.commit([stagedFile("file-4", [event(feed, "d", "STARTED", 0, -2)])]);
  clock.advance(3_600_000);
  expect(await lake.writer.maintain()).toEqual([]);
  expect([...lake.main.partitions]).toEqual(["event_date=2026-11-23"]);
  expect(await storage.list("lake/pipeline_events/event_date=2026-11-21")).toEqual([]);
  expect(brief(await tableRows(engine, lake.main))).toEqual([...STATE_LEFT, "d STARTED 2026-11-23"]);
});

test("drops outlive the timeline for as long as the log remembers what was before them", async () => {
  const feed = { ...(await pipelineEvents()), ...SHORT };
  const engine = await temporaryEngine();
  const storage = await agedLake(feed, engine);
  const clock = steppedClock(T0 + 2 * DAY_MS + 3_600_000);
  const options = { feed, engine, storage, clock, bounds: GROUPS, retainMs: 1_000 };
  const { writer, main } = await openTestLake(options);
  const [dropped] = await writer.maintain();
  for (let i = 0; i < 50; i++) {
    await writer.commit([stagedFile(`more-${i}`, [event(feed, "d", "RUNNING", i, -2)])]);
    clock.advance(2_000);
  }
  await writer.maintain();
  await writer.maintain();
  expect(main.instants.map(({ instant }) => instant)).not.toContain(dropped!.instant);
  const again = await openTestLake(options);
  for (const table of [main, again.main]) {
    expect(table.drops.map(({ instant }) => instant)).toEqual([dropped!.instant]);
    expect(brief(await tableRows(engine, table))).toEqual([...STATE_LEFT, "d RUNNING 2026-11-23"]);
  }
  clock.advance(40 * DAY_MS);
  await again.writer.commit([stagedFile("much-later", [event(feed, "e", "STARTED", 0, -42)])]);
  await again.writer.maintain();
  expect(again.main.drops.map(({ instant }) => instant)).not.toContain(dropped!.instant);
});
