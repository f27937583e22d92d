/** Facts of real tables: what a healthy one tells, and what crashed, rolled-back and savepointed commits leave behind. */
import { expect, test } from "vitest";
import {
  openTestLake,
  pipelineEvents,
  rowOf,
  stagedFile,
  steppedClock,
  T0,
  temporaryStorage,
  type TestLake,
} from "../../../tests/support/lake";
import { earliestToRetain } from "../duckdb/clean";
import { countDuplicates } from "../duckdb/duplicates";
import type { Feed } from "../../model/feed";
import { allChecks, healthLine } from "../../model/table-health/health";
import type { FeedFacts, TableFacts } from "../../model/table-health/facts";
import { encodeAvroFile } from "./avro-file";
import { HudiInspector } from "./inspector";
import type { HudiTable } from "./table";

const DAY_MS = 86_400_000;
const RETAIN_MS = 600_000;

const event = (feed: Feed, eventId: string, at = T0, updatedAt = at) =>
  rowOf(feed, {
    eventId,
    correlationId: "batch-1",
    pipelineName: "orders",
    stageName: "load",
    status: "COMPLETED",
    eventTimestamp: at,
    lastUpdatedAt: updatedAt,
  });

async function lakeWithInspector() {
  const feed = await pipelineEvents();
  const clock = steppedClock();
  const storage = await temporaryStorage();
  const lake = await openTestLake({ feed, clock, storage, retainMs: RETAIN_MS });
  const inspect = (table: HudiTable, role: "state" | "log") =>
    new HudiInspector({
      role,
      name: table.folder.split("/").at(-1)!,
      isOurs: true,
      keepsVersions: false,
      location: storage.locate(table.folder),
      clock,
      open: () => Promise.resolve(table),
      earliestToRetain: (known, now) => earliestToRetain(known, { now, retainMs: RETAIN_MS }),
    });
  return { feed, clock, storage, lake, state: inspect(lake.main, "state"), log: inspect(lake.log!, "log") };
}

let files = 0;
const commit = (lake: TestLake, ...rows: ReturnType<typeof event>[]) =>
  lake.writer.commit([stagedFile(`staged-${files++}`, rows)]);

const feedOf = (tables: TableFacts[], now: number): FeedFacts => ({
  feed: "pipeline_events",
  now,
  isPast: false,
  head: { instant: null, committedAt: now },
  staged: { events: 0, oldestAt: null },
  reach: { value: null },
  promisedReachMs: null,
  expects: { key: "eventId", ordering: "lastUpdatedAt", partition: "event_date" },
  tables,
});

const stateOf = (facts: FeedFacts, id: string, table: string | null = "state") =>
  allChecks(facts, null).find((check) => check.id === id && check.table === table)!;

test("a healthy table tells everything, and no check of it is past its limit", async () => {
  const { feed, clock, lake, state, log } = await lakeWithInspector();
  for (let i = 0; i < 5; i++) {
    await commit(lake, event(feed, `e-${i}`, T0 - i * DAY_MS), event(feed, "same", T0, T0 + i));
    clock.advance(1_000);
  }
  const found = [(await state.facts(null))!, (await log.facts(null))!];
  const facts = feedOf(found, clock.now());
  expect(allChecks(facts, null).filter((check) => ["unknown", "watch", "bad"].includes(check.state))).toEqual([]);
  expect(stateOf(facts, "partitions-touched").value).toBe("p50 2 · p99 2 · most 2");
  expect(found[0]!.files).toMatchObject({ value: { partitions: { length: 5 }, superseded: { files: 4 } } });
  expect(stateOf(facts, "amplification").number).toBeGreaterThan(1);
  expect(stateOf(facts, "amplification", "log").number).toBeGreaterThanOrEqual(1);
  expect(healthLine(facts)).toMatchObject({ worst: "ok", past: [], smallFiles: 5, clean: "ok", pending: 0 });
});

test("a commit says what it did: files, rows, staged batches, and what replaced what", async () => {
  const { feed, lake, state } = await lakeWithInspector();
  const first = (await commit(lake, event(feed, "a")))!;
  const second = (await commit(lake, event(feed, "a", T0, T0 + 5), event(feed, "b", T0 + DAY_MS / 2)))!;
  const [detail] = await state.details(second.instant);
  expect(detail).toMatchObject({
    table: "state",
    action: "commit",
    state: "COMPLETED",
    operation: "UPSERT",
    inserted: 1,
    updated: 1,
    batches: 1,
    staged: [`staged-${files - 1}`],
    partitions: ["event_date=2026-11-21"],
  });
  expect(detail!.files).toMatchObject([{ previous: first.instant, rows: 2, inserted: 1, updated: 1, deleted: 0 }]);
  expect(await state.details("20200101000000000")).toEqual([]);
  const { lines, next } = await state.lines({ limit: 1, at: null });
  expect([lines.map(({ instant }) => instant), next]).toEqual([[second.instant], second.instant]);
});

test("a commit that a crash left inflight is told, with its age and the heartbeat that fell silent", async () => {
  const { feed, clock, storage, lake, state } = await lakeWithInspector();
  await commit(lake, event(feed, "a"));
  const instant = "20261121080000000";
  await storage.write(lake.main.timelinePath(`${instant}.commit.requested`), new Uint8Array());
  await storage.write(lake.main.timelinePath(`${instant}.inflight`), Buffer.from("{}"));
  await storage.write(`${lake.main.folder}/.hoodie/.heartbeat/${instant}`, new Uint8Array());
  await lake.main.refresh();
  const facts = feedOf([(await state.facts(null))!], clock.now());
  expect(stateOf(facts, "pending")).toMatchObject({ state: "bad", number: 1, instants: [instant] });
  expect(stateOf(facts, "pending").value).toMatch(/^commit inflight · the oldest for 60 min$/);
  // The heartbeat was touched just now: its writer lives.
  expect(stateOf(facts, "locks")).toMatchObject({ state: "ok", value: "1 heartbeat · 0 locks" });
  const { lines } = await state.lines({ limit: 10, at: null });
  expect(lines.map(({ state }) => state)).toEqual(["COMPLETED", "INFLIGHT"]);
});

test("rollbacks, savepoints and plans of other engines are told by their names", async () => {
  const { feed, clock, storage, lake, state } = await lakeWithInspector();
  const { instant } = (await commit(lake, event(feed, "a")))!;
  const rollback = encodeAvroFile(
    { type: "record", name: "R", fields: [{ name: "commitsRollback", type: { type: "array", items: "string" } }] },
    { commitsRollback: ["20261121085900000"] },
    Buffer.alloc(16, 7),
  );
  await storage.write(lake.main.timelinePath("20261121090001000.rollback"), rollback);
  await storage.write(lake.main.timelinePath(`${instant}.savepoint`), new Uint8Array());
  await storage.write(lake.main.timelinePath("20261121060000000.clustering.requested"), new Uint8Array());
  await lake.main.refresh();
  clock.advance(3_600_000);
  const facts = feedOf([(await state.facts(null))!], clock.now());
  expect(stateOf(facts, "failed")).toMatchObject({ state: "watch", number: 1, instants: ["20261121090001000"] });
  expect(stateOf(facts, "savepoints")).toMatchObject({ state: "watch", instants: [instant] });
  expect(stateOf(facts, "services")).toMatchObject({ state: "watch", instants: ["20261121060000000"] });
  expect(stateOf(facts, "pending").value).toMatch(/^clustering requested/);
  expect((await state.details("20261121090001000"))[0]).toMatchObject({ removed: ["20261121085900000"] });
});

test("an upgraded table, and one that somebody gave a metadata table, is told as such", async () => {
  const { feed, clock, lake, state } = await lakeWithInspector();
  await commit(lake, event(feed, "a"));
  const found = (await state.facts(null))!;
  if (found.properties.unknown !== undefined) throw new Error(found.properties.unknown);
  const all = new Map([...found.properties.value.all, ["hoodie.table.metadata.partitions", "files"]]);
  const changed = { ...found, properties: { value: { ...found.properties.value, version: 9, all } } };
  const check = stateOf(feedOf([changed], clock.now()), "properties");
  expect(check).toMatchObject({ state: "bad", number: 2 });
  expect(check.value).toBe("version 9 · Weir writes version 6 · it has a metadata table (files)");
});

test("as of an earlier commit nothing later is seen, and what is only of now is not known (invariant 5)", async () => {
  const { feed, lake, state } = await lakeWithInspector();
  const first = (await commit(lake, event(feed, "a")))!;
  await commit(lake, event(feed, "b", T0 + DAY_MS / 2));
  const facts = (await state.facts({ instant: first.instant, time: first.committedAt }))!;
  expect(facts).toMatchObject({
    asOf: first.instant,
    now: first.committedAt,
    instants: { value: [{ instant: first.instant, state: "COMPLETED" }] },
    files: { value: { sizes: { length: 1 }, superseded: { files: 0 } } },
    heartbeats: { unknown: "the table tells it only of now" },
  });
});

test("as of an earlier commit nothing is told to be under way of a table whose files are newer, as those of a copy are", async () => {
  const { feed, clock, lake, state } = await lakeWithInspector();
  await commit(lake, event(feed, "a"));
  await commit(lake, event(feed, "a", T0, T0 + 1));
  await commit(lake, event(feed, "a", T0, T0 + 2));
  clock.advance(RETAIN_MS * 2);
  await lake.writer.maintain();
  const last = (await commit(lake, event(feed, "b")))!;
  await commit(lake, event(feed, "c"));
  await lake.main.refresh();
  expect(lake.main.instants.map(({ action }) => action)).toContain("clean");
  const at = { instant: last.instant, time: last.committedAt };
  const then = (await state.facts(at))!.instants;
  expect(then).toMatchObject({ value: expect.not.arrayContaining([expect.objectContaining({ state: "INFLIGHT" })]) });
  const { lines } = await state.lines({ limit: 20, at });
  expect(lines.map((line) => line.state)).toEqual(lines.map(() => "COMPLETED"));
  expect(lines.find(({ action }) => action === "clean")!.durationMs).toBeLessThan(60_000);
});

test("keys that lie in several partitions are counted when asked for, with examples", async () => {
  const { feed, lake } = await lakeWithInspector();
  await commit(lake, event(feed, "a"), event(feed, "b"));
  expect(await countDuplicates(lake.engine, lake.main)).toEqual({ kind: "counted", rows: 2, keys: 0, examples: [] });
  const rows = `read_parquet('${lake.main.storage.locate(lake.main.slices()[0]!.path)}', hive_partitioning = false)`;
  const other = "event_date=2026-11-19";
  const { folder, storage } = lake.main;
  await storage.makeFolder(`${folder}/${other}`);
  await storage.write(`${folder}/${other}/.hoodie_partition_metadata`, Buffer.from("commitTime=20261121090000000\n"));
  const name = `00000000-0000-7000-8000-000000000000-0_0-0-0_${lake.main.head!}.parquet`;
  await lake.engine.write((connection) =>
    connection.run(
      `COPY (SELECT * REPLACE ('${other}' AS _hoodie_partition_path) FROM ${rows} WHERE _hoodie_record_key = 'a')
       TO '${storage.locate(`${folder}/${other}/${name}`)}' (FORMAT parquet)`,
    ),
  );
  await lake.main.refresh();
  expect(await countDuplicates(lake.engine, lake.main)).toEqual({
    kind: "counted",
    rows: 3,
    keys: 1,
    examples: [{ key: "a", partitions: [other, "event_date=2026-11-21"] }],
  });
});
