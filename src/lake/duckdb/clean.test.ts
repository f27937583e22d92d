import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Feed } from "../../model/feed";
import type { Row } from "../../model/value";
import {
  feedOf,
  openTestLake,
  pipelineEvents,
  rowOf,
  stagedFile,
  steppedClock,
  T0,
  tableRows,
  temporaryEngine,
  temporaryStorage,
} from "../../../tests/support/lake";
import { stoppingStorage } from "../../../tests/support/stopping-storage";
import { instantAt } from "../../model/instant";
import { decodeAvroFile } from "../hudi/avro-file";
import { HudiTable, type FileSlice } from "../hudi/table";
import { LASTING_MS } from "../hudi/retention-clock";
import type { Storage } from "../storage/storage";
import { maintainTable } from "./clean";
import type { Engine } from "./connection";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const RETAIN_MS = 10 * MINUTE_MS;

const event = (feed: Feed, id: string, status: string, at: number): Row =>
  rowOf(feed, {
    eventId: id,
    correlationId: "batch-1",
    pipelineName: "orders",
    stageName: "load",
    status,
    eventTimestamp: at,
    lastUpdatedAt: at,
  });

const brief = (rows: Record<string, unknown>[]) =>
  rows.map((row) => `${String(row["eventId"])} ${String(row["status"])}`).sort();

async function rowsOf(engine: Engine, storage: Storage, slices: readonly FileSlice[]): Promise<string[]> {
  const paths = slices.map(({ path }) => `'${storage.locate(path)}'`).join(", ");
  const found = await engine.read((c) => c.runAndReadAll(`SELECT eventId, status FROM read_parquet([${paths}])`));
  return brief(found.getRowObjectsJson());
}

async function bytesUnder(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true });
  const sizes = await Promise.all(
    entries.map((entry) =>
      entry.isDirectory()
        ? bytesUnder(join(folder, entry.name))
        : stat(join(folder, entry.name)).then(({ size }) => size),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

test("files and timelines stay few, and every position within the retention reads exactly as it did", async () => {
  const feed = await pipelineEvents();
  const clock = steppedClock();
  const lake = await openTestLake({ feed, clock, retainMs: RETAIN_MS });
  const { engine, storage, main, log, writer } = lake;
  const then = new Map<string, string[]>();
  const sizes: number[] = [];
  for (let i = 0; i < 90; i++) {
    const at = clock.now();
    const rows = [event(feed, `e${i}`, "STARTED", at), event(feed, `e${Math.max(0, i - 3)}`, "COMPLETED", at)];
    const done = (await writer.commit([stagedFile(`file-${i}`, rows)]))!;
    if (i >= 60) then.set(done.instant, brief(await tableRows(engine, main)));
    clock.advance(30_000);
    if (i % 5 === 0) await writer.maintain();
    if (i % 30 === 29) sizes.push(await bytesUnder(storage.locate("lake")));
  }
  await writer.maintain();
  const cutoff = clock.now() - RETAIN_MS;
  for (const table of [main, log!]) {
    expect(table.completedWrites().length).toBeLessThan(20 + 20 + 20);
    expect(table.allSlices().length).toBeLessThan(20 + 30 + 10);
    expect(table.instants.some(({ action }) => action === "clean")).toBe(true);
  }
  const recent = [...then].filter(([instant]) => main.completedWrites().some((done) => done.instant === instant));
  const retained = recent.filter(([instant]) => Date.parse(isoOf(instant)) >= cutoff);
  expect(retained.length).toBeGreaterThanOrEqual(18);
  for (const [instant, rows] of retained) expect(await rowsOf(engine, storage, main.slices(instant))).toEqual(rows);
  // Bounded: the data itself grows by a few bytes per event, everything beside it does not grow.
  expect(sizes[2]!).toBeLessThan(1.3 * sizes[1]!);
  // A table read from disk is the table in memory: nothing that was archived made anything appear or vanish.
  const again = (await HudiTable.open(storage, main.folder))!;
  expect(again.slices()).toEqual(expect.arrayContaining([...main.slices()]));
  expect(again.allSlices()).toHaveLength(main.allSlices().length);
});

const isoOf = (instant: string) =>
  instant.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})$/, "$1-$2-$3T$4:$5:$6.$7Z");

test("a clean is a whole action of the timeline that other engines can read", async () => {
  const feed = await pipelineEvents();
  const clock = steppedClock();
  const { main, writer, storage } = await openTestLake({ feed, clock, retainMs: RETAIN_MS });
  for (let i = 0; i < 3; i++) await writer.commit([stagedFile(`file-${i}`, [event(feed, "a", "RUNNING", T0 + i)])]);
  clock.advance(RETAIN_MS + 1_000);
  const doomed = main.allSlices().slice(0, -1);
  const head = main.head!;
  await writer.maintain();
  expect(main.allSlices()).toHaveLength(1);
  for (const { path } of doomed) expect(await storage.stat(path)).toBeNull();
  const clean = main.instants.at(-1)!;
  expect(clean).toMatchObject({ action: "clean", state: "COMPLETED" });
  expect(clean.instant > head).toBe(true);
  const [metadata] = decodeAvroFile(await storage.read(main.timelinePath(clean.file)));
  expect(metadata).toMatchObject({
    totalFilesDeleted: 2,
    earliestCommitToRetain: head,
    partitionMetadata: { "event_date=2026-11-21": { successDeleteFiles: doomed.map(({ name }) => name) } },
  });
  const [plan] = decodeAvroFile(await storage.read(main.timelinePath(`${clean.instant}.clean.requested`)));
  expect(plan).toMatchObject({ earliestInstantToRetain: { timestamp: head }, policy: "KEEP_LATEST_COMMITS" });
  const before = main.instants.length;
  await writer.maintain();
  expect(main.instants.length).toBe(before);
});

test("a clean that was stopped is finished by the next maintenance, and the timeline is free to shrink", async () => {
  const feed = await pipelineEvents();
  const engine = await temporaryEngine();
  let pendingSeen = 0;
  for (let n = 1, hit = true; hit; n += 2) {
    const clock = steppedClock();
    const stopping = stoppingStorage(await temporaryStorage());
    const { storage } = stopping;
    const { writer } = await openTestLake({ feed, engine, clock, storage, retainMs: RETAIN_MS });
    for (let i = 0; i < 3; i++) await writer.commit([stagedFile(`file-${i}`, [event(feed, "a", "RUNNING", T0 + i)])]);
    clock.advance(40 * DAY_MS);
    stopping.arm(n, "stop-after");
    await writer.maintain().catch(() => undefined);
    hit = stopping.disarm();
    const again = await openTestLake({ feed, engine, clock, storage, retainMs: RETAIN_MS });
    const pending = () =>
      [again.main, again.log!].flatMap(({ instants }) => instants.filter(({ state }) => state !== "COMPLETED"));
    pendingSeen += pending().length;
    await again.writer.recover();
    await again.writer.maintain();
    expect(pending()).toEqual([]);
    expect(again.main.allSlices()).toHaveLength(1);
    expect(again.log!.allSlices()).toEqual([]);
    expect(await storage.list(`${again.log!.folder}/commit_date=2026-11-21`)).toEqual([]);
    expect(brief(await tableRows(engine, again.main))).toEqual(["a RUNNING"]);
  }
  expect(pendingSeen).toBeGreaterThan(2);
});

test("days of the log beyond its history go, and what they held is no duplicate any more", async () => {
  const feed = await pipelineEvents();
  const clock = steppedClock();
  const { main, log, writer, engine } = await openTestLake({ feed, clock, retainMs: RETAIN_MS });
  const old = event(feed, "a", "STARTED", T0);
  await writer.commit([stagedFile("file-1", [old])]);
  clock.advance(feed.historyMs! + 2 * DAY_MS);
  await writer.commit([stagedFile("file-2", [event(feed, "b", "STARTED", clock.now())])]);
  await writer.maintain();
  expect(brief(await tableRows(engine, log!))).toEqual(["b STARTED"]);
  expect([...log!.partitions]).toEqual(["commit_date=2026-12-23"]);
  expect(brief(await tableRows(engine, main))).toEqual(["a STARTED", "b STARTED"]);
  expect(await writer.commit([stagedFile("file-3", [old])])).toMatchObject({ versions: 1 });
});

test("a clock that is far ahead for a moment ages nothing; what it says counts once it has lasted", async () => {
  const feed = await pipelineEvents();
  const leaps: number[] = [];
  const time = { now: T0, elapsed: 0 };
  const clock = { now: () => time.now++, elapsed: () => time.elapsed };
  const { log, writer } = await openTestLake({ feed, clock, retainMs: RETAIN_MS, onLeap: (ms) => leaps.push(ms) });
  await writer.commit([stagedFile("a", [event(feed, "e1", "STARTED", T0)])]);
  const leapMs = feed.historyMs! + 2 * DAY_MS;
  time.now += leapMs;
  await writer.maintain();
  await writer.commit([stagedFile("b", [event(feed, "e2", "STARTED", T0)])]);
  await writer.maintain();
  expect(log!.partitions.size, "the day before the leap and the day after it").toBe(2);
  expect(leaps).toEqual([expect.closeTo(leapMs, -2)]);
  time.now -= leapMs;
  await writer.maintain();
  expect(log!.partitions.size).toBe(2);
  time.now += leapMs;
  await writer.maintain();
  time.elapsed += LASTING_MS;
  time.now += LASTING_MS;
  await writer.maintain();
  expect(log!.partitions.size).toBe(1);
});

test("rows of an append feed are one table by hour, each version once, and leave with their hour", async () => {
  const feed = feedOf({
    type: "record",
    name: "Reading",
    weir: {
      feed: "readings",
      key: "id",
      ordering: "at",
      eventTime: "at",
      partition: "hour",
      write: "append",
      retention: "2h",
    },
    fields: [
      { name: "id", type: "string" },
      { name: "at", type: { type: "long", logicalType: "timestamp-millis" } },
      { name: "value", type: "double" },
    ],
  });
  const clock = steppedClock();
  const engine = await temporaryEngine();
  const { main, log, writer } = await openTestLake({ feed, clock, engine, retainMs: RETAIN_MS });
  const reading = (id: string, at: number, value: number | string) => rowOf(feed, { id, at, value });
  const rows = [reading("a", T0, 1.5), reading("a", T0 + 1, "NaN"), reading("b", T0, "-Infinity")];
  expect(log).toBeNull();
  expect(await writer.commit([stagedFile("file-1", rows)])).toMatchObject({ versions: 3, up: [rows[1], rows[2]] });
  expect(await writer.commit([stagedFile("file-2", rows)])).toBeNull();
  expect(await writer.commit([stagedFile("file-3", [reading("a", T0 - 5, 1)])])).toMatchObject({ versions: 1, up: [] });
  expect([...main.partitions].sort()).toEqual(["event_hour=2026-11-21-08", "event_hour=2026-11-21-09"]);
  expect(await tableRows(engine, main)).toHaveLength(4);
  clock.advance(2.5 * 3_600_000);
  await writer.maintain();
  expect(await tableRows(engine, main)).toHaveLength(3);
  clock.advance(RETAIN_MS + 1_000);
  await writer.maintain();
  expect([...main.partitions]).toEqual(["event_hour=2026-11-21-09"]);
  expect(await tableRows(engine, main)).toHaveLength(3);
});

test("when superseded slices take too much, the oldest positions are let go before their time", async () => {
  const feed = await pipelineEvents();
  const clock = steppedClock();
  const { main, writer } = await openTestLake({ feed, clock, retainMs: RETAIN_MS });
  for (let i = 0; i < 40; i++) await writer.commit([stagedFile(`file-${i}`, [event(feed, "a", "RUNNING", T0 + i)])]);
  await writer.maintain();
  expect(main.allSlices()).toHaveLength(40); // all of them are within the retention
  const maxSupersededBytes = 5.5 * main.allSlices()[0]!.bytes;
  const rules = {
    now: clock.now(),
    retainMs: RETAIN_MS,
    beforeDrop: () => Promise.resolve(),
    partitionsOlderThanMs: null,
    oldestVersion: () => null,
  };
  await maintainTable(main, { ...rules, maxSupersededBytes, nextInstant: () => instantAt(clock.now()) });
  expect(main.allSlices()).toHaveLength(6);
  expect(main.slices()).toEqual([main.allSlices().at(-1)]);
});
