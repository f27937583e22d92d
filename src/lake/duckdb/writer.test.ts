import fc from "fast-check";
import { expect, test } from "vitest";
import { compareVersions, partitionPathOf, type Feed } from "../../model/feed";
import type { Row } from "../../model/value";
import { HudiTable } from "../hudi/table";
import { timelinePage } from "./timeline-entries";
import {
  openTestLake,
  pipelineEvents,
  rowOf,
  stagedFile,
  steppedClock,
  T0,
  tableRows,
  temporaryEngine,
  type TestLake,
} from "../../../tests/support/lake";

const DAY_MS = 86_400_000;

const event = (feed: Feed, id: string, status: string, updatedAt: number, more: Record<string, string | number> = {}) =>
  rowOf(feed, {
    eventId: id,
    correlationId: "batch-1",
    pipelineName: "orders",
    stageName: "load",
    status,
    eventTimestamp: T0,
    lastUpdatedAt: T0 + updatedAt,
    ...more,
  });

let names = 0;
const commit = (lake: TestLake, rows: readonly Row[]) => lake.writer.commit([stagedFile(`file-${names++}`, rows)]);

/** The three columns that tell versions apart in these tests. */
const brief = (rows: Record<string, unknown>[]) =>
  rows.map((row) => [row["eventId"], row["status"], row["_hoodie_commit_time"]]);

test("a commit lands versions in the log and the newest of each key in the state, under one instant", async () => {
  const feed = await pipelineEvents();
  const lake = await openTestLake({ feed });
  const started = event(feed, "a", "STARTED", 0);
  const completed = event(feed, "a", "COMPLETED", 5);
  const other = event(feed, "b", "STARTED", 1);
  const done = await commit(lake, [started, completed, other]);
  expect(done).toMatchObject({
    versions: 3,
    duplicates: 0,
    up: [completed, other],
    del: [],
    partitions: ["2026-11-21"],
  });
  expect(done!.from).toMatch(/^[0-9a-f]{8}\.0$/);
  expect(done!.to).toBe(`${done!.from.slice(0, 8)}.${done!.instant}`);
  expect(brief(await tableRows(lake.engine, lake.log!))).toEqual([
    ["a", "STARTED", done!.instant],
    ["a", "COMPLETED", done!.instant],
    ["b", "STARTED", done!.instant],
  ]);
  expect(brief(await tableRows(lake.engine, lake.main))).toEqual([
    ["a", "COMPLETED", done!.instant],
    ["b", "STARTED", done!.instant],
  ]);
});

test("an untouched row keeps its commit time and sequence number and gets the new file name", async () => {
  const feed = await pipelineEvents();
  const lake = await openTestLake({ feed });
  const first = await commit(lake, [event(feed, "a", "STARTED", 0), event(feed, "b", "STARTED", 0)]);
  const second = await commit(lake, [event(feed, "b", "RUNNING", 1)]);
  const [kept, changed] = await tableRows(lake.engine, lake.main);
  const file = lake.main.slices()[0]!.name;
  expect(kept).toMatchObject({
    _hoodie_commit_time: first!.instant,
    _hoodie_commit_seqno: `${first!.instant}_0_0`,
    _hoodie_record_key: "a",
    _hoodie_partition_path: "event_date=2026-11-21",
    _hoodie_file_name: file,
    event_date: "2026-11-21",
  });
  expect(changed).toMatchObject({ _hoodie_commit_time: second!.instant, eventId: "b", _hoodie_file_name: file });
  expect(file).toMatch(new RegExp(`_0-0-0_${second!.instant}\\.parquet$`));
});

test("messages that the log has already change nothing and write nothing (invariant 2)", async () => {
  const feed = await pipelineEvents();
  const lake = await openTestLake({ feed });
  const rows = [event(feed, "a", "STARTED", 0, { errorMessage: "first" }), event(feed, "a", "FAILED", 3)];
  await commit(lake, rows);
  const before = lake.main.instants.length;
  expect(await commit(lake, rows)).toBeNull();
  expect(lake.main.instants.length).toBe(before);
});

test("a late, older version is in the log and leaves the state alone", async () => {
  const feed = await pipelineEvents();
  const lake = await openTestLake({ feed });
  const first = await commit(lake, [event(feed, "a", "COMPLETED", 9)]);
  const late = await commit(lake, [event(feed, "a", "STARTED", 1)]);
  expect(late).toMatchObject({ versions: 1, up: [], partitions: [] });
  expect(brief(await tableRows(lake.engine, lake.main))).toEqual([["a", "COMPLETED", first!.instant]]);
  expect(await tableRows(lake.engine, lake.log!)).toHaveLength(2);
  expect(lake.main.head).toBe(late!.instant);
});

test("an event whose event time changes day moves to the other partition in the same commit", async () => {
  const feed = await pipelineEvents();
  const lake = await openTestLake({ feed });
  await commit(lake, [event(feed, "a", "STARTED", 0), event(feed, "b", "STARTED", 0)]);
  const moved = await commit(lake, [event(feed, "a", "RUNNING", 1, { eventTimestamp: T0 - DAY_MS })]);
  expect(moved!.partitions).toEqual(["2026-11-20", "2026-11-21"]);
  const rows = await tableRows(lake.engine, lake.main);
  expect(rows.map((row) => [row["eventId"], row["_hoodie_partition_path"], row["event_date"]])).toEqual([
    ["b", "event_date=2026-11-21", "2026-11-21"],
    ["a", "event_date=2026-11-20", "2026-11-20"],
  ]);
});

test("what another writer committed meanwhile is seen before the next commit, and is not overwritten", async () => {
  const feed = await pipelineEvents();
  const lake = await openTestLake({ feed });
  await commit(lake, [event(feed, "a", "STARTED", 0), event(feed, "b", "STARTED", 0)]);
  const other = await openTestLake({ feed, storage: lake.storage, clock: steppedClock(T0 + 60_000) });
  await commit(other, [event(feed, "a", "COMPLETED", 5)]);
  const done = await commit(lake, [event(feed, "b", "RUNNING", 1), event(feed, "a", "RUNNING", 2)]);
  expect(done!.instant > other.main.head!).toBe(true);
  expect(done!.up.map((row) => row[feed.key])).toEqual(["b"]);
  const state = brief(await tableRows(lake.engine, lake.main)).map(([key, status]) => [key, status]);
  expect(state).toEqual([
    ["a", "COMPLETED"],
    ["b", "RUNNING"],
  ]);
});

interface Message {
  key: number;
  status: string;
  updatedAt: number;
  day: number;
  error: string;
}

const message = (days: number): fc.Arbitrary<Message> =>
  fc.record({
    key: fc.integer({ min: 0, max: 4 }),
    status: fc.constantFrom("STARTED", "RUNNING", "FAILED", "COMPLETED"),
    updatedAt: fc.integer({ min: 0, max: 3 }),
    day: fc.integer({ min: 0, max: days - 1 }),
    error: fc.constantFrom("x", "y"),
  });

/** What the design says the tables hold: each distinct message once, and per key the greatest by order and arrival. */
function fold(feed: Feed, arrived: readonly Row[]) {
  const log = new Map<string, Row>();
  const state = new Map<string, Row>();
  for (const row of arrived) {
    const id = JSON.stringify(row);
    if (log.has(id)) continue;
    log.set(id, row);
    const stored = state.get(row[feed.key] as string);
    if (stored === undefined || compareVersions(feed, row, stored) >= 0) state.set(row[feed.key] as string, row);
  }
  return { log: [...log.values()], state };
}

const columns = ["eventId", "status", "lastUpdatedAt", "eventTimestamp", "errorMessage"];
const asStored = (feed: Feed, row: Row) =>
  columns.map((name) => {
    const i = feed.fields.findIndex((field) => field.name === name);
    const { type } = feed.fields[i]!;
    return type.kind === "timestamp" ? Date.parse(new Date(row[i] as number).toISOString()) : row[i];
  });
const asRead = (row: Record<string, unknown>) =>
  columns.map((name) =>
    /At$|Timestamp$/.test(name) ? Date.parse(`${String(row[name]).replace(" ", "T")}:00`) : row[name],
  );

async function followsTheModel(feed: Feed, commits: readonly (readonly Message[])[], lake: TestLake): Promise<void> {
  const arrived: Row[] = [];
  for (const messages of commits) {
    const rows = messages.map(({ key, status, updatedAt, day, error }) =>
      event(feed, `k${key}`, status, updatedAt, { eventTimestamp: T0 - day * DAY_MS, errorMessage: error }),
    );
    const before = fold(feed, arrived).state;
    arrived.push(...rows);
    const { state } = fold(feed, arrived);
    const done = await commit(lake, rows);
    const changed = [...state].filter(([key, row]) => before.get(key) !== row).map(([, row]) => row);
    expect(new Set((done?.up ?? []).map((row) => JSON.stringify(row)))).toEqual(
      new Set(changed.map((row) => JSON.stringify(row))),
    );
  }
  const { log, state } = fold(feed, arrived);
  expect((await tableRows(lake.engine, lake.log!)).map(asRead)).toEqual(log.map((row) => asStored(feed, row)));
  const rows = await tableRows(lake.engine, lake.main);
  const found = new Map(rows.map((row) => [row["eventId"] as string, row]));
  expect(rows.length).toBe(found.size);
  expect(new Map([...found].map(([key, row]) => [key, asRead(row)]))).toEqual(
    new Map([...state].map(([key, row]) => [key, asStored(feed, row)])),
  );
  for (const [key, row] of found) expect(row["_hoodie_partition_path"]).toBe(partitionPathOf(feed, state.get(key)!));
}

test("whatever arrives in whatever order, the state is the fold and the log has each version once (invariant 2)", async () => {
  const feed = await pipelineEvents();
  const engine = await temporaryEngine();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(message(2), { minLength: 1, maxLength: 6 }), { maxLength: 5 }),
      async (commits) => {
        const lake = await openTestLake({ feed, engine, clock: steppedClock(), bounds: { groupRows: 3 } });
        await followsTheModel(feed, commits, lake);
      },
    ),
    { numRuns: 20 },
  );
});

test("the same holds when most groups are too old for the index (invariant 2)", async () => {
  const feed = await pipelineEvents();
  const engine = await temporaryEngine();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(message(1), { minLength: 1, maxLength: 6 }), { maxLength: 5 }),
      async (commits) => {
        const bounds = { groupRows: 2, maxIndexedRows: 2 };
        const lake = await openTestLake({ feed, engine, clock: steppedClock(), bounds });
        await followsTheModel(feed, commits, lake);
      },
    ),
    { numRuns: 10 },
  );
});

test("a commit keeps the time at which its clock says that it completed, whatever happens to its file", async () => {
  const feed = await pipelineEvents();
  const { main, writer, storage } = await openTestLake({ feed });
  const done = await writer.commit([stagedFile("file-1", [event(feed, "a", "STARTED", 0)])]);
  const { completedAt } = main.completedWrites()[0]!;
  expect(done!.committedAt).toBe(completedAt);
  const again = (await HudiTable.open(storage, main.folder))!;
  const found = again.completedWrites()[0]!;
  expect(found.completedAt).not.toBe(completedAt); // the file's: the machine's time
  expect(await again.completedAt(found)).toBe(completedAt);
  const { entries } = await timelinePage(again, { limit: 1 }, () => null);
  expect(entries[0]).toMatchObject({ completedAt });
  expect(entries[0]!.durationMs).toBeLessThan(100);
});
