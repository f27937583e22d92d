/** A pinned instant is read for ever, whatever retention removes (invariant 5). */
import { mkdir, mkdtemp, readdir, readFile, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import type { Clock } from "~/clock";
import { localStorage } from "~/lake/storage/local";
import { openLake } from "~/lake/open";
import type { Head } from "~/lake/reader";
import type { Commit } from "~/lake/writer";
import type { Feed } from "~/model/feed";
import { EVERYTHING } from "~/model/filter";
import { pipelineEvents, rowOf, stagedFile, steppedClock } from "../support/lake";
import { outlive } from "../support/outlived";
import { removeFolder } from "../support/remove-folder";

const RETAIN_MS = 600_000;

const event = (feed: Feed, id: string, status: string, at: number) =>
  rowOf(feed, {
    eventId: id,
    correlationId: "batch-1",
    pipelineName: "orders",
    stageName: "load",
    status,
    eventTimestamp: at,
    lastUpdatedAt: at,
  });

const headOf = ({ instant, to, committedAt }: Commit): Head & { instant: string } => ({
  instant,
  position: to,
  committedAt,
});

const openTables = async (folder: string, feed: Feed, clock: Clock, onDamagedPin?: (path: string) => void) => {
  const lake = await openLake({
    storage: localStorage(folder),
    folder: "lake",
    clock,
    retainMs: RETAIN_MS,
    ...(onDamagedPin && { onDamagedPin }),
  });
  return { lake, ...(await lake.tables(feed)) };
};

/**
 * Three commits a minute apart; the second is pinned whole, the third in part. Then so much later that neither the slices of
 * the state nor the log know of them.
 */
async function pinnedAndOutlived(folder: string) {
  const feed = await pipelineEvents();
  const clock = steppedClock();
  const tables = await openTables(folder, feed, clock);
  const { writer, reader, pins } = tables;
  const commits: Commit[] = [];
  for (const [i, status] of ["STARTED", "RUNNING", "COMPLETED"].entries()) {
    const rows = [0, 1, 2].map((n) => event(feed, `e${n}`, status, clock.now() + n));
    commits.push((await writer.commit([stagedFile(`file-${i}`, rows)]))!);
    clock.advance(60_000);
  }
  const [unpinned, whole, part] = commits as [Commit, Commit, Commit];
  const before = await reader.snapshot({ at: whole.to, filter: EVERYTHING, limit: 100 });
  const pin = await pins.pin(headOf(whole), "why it broke", clock.now(), 1_000);
  await Promise.all([1, 2, 3].map(() => pins.pin(headOf(part), "", clock.now(), 2))); // several people at once
  await outlive(writer, feed, clock, RETAIN_MS);
  return { folder, feed, clock, tables, unpinned, whole, part, before, pin };
}

let the: Awaited<ReturnType<typeof pinnedAndOutlived>>;

beforeAll(async () => {
  the = await pinnedAndOutlived(await mkdtemp(join(tmpdir(), "weir-pins-")));
});
afterAll(async () => {
  await the.tables.lake.close();
  await removeFolder(the.folder);
});

test("a pinned instant answers as it did when everything else of its time is gone, after a restart too (invariant 5)", async () => {
  const { tables, unpinned, whole, before, pin, folder, feed, clock } = the;
  expect(before).toMatchObject({ kind: "rows", rows: [{ length: feed.fields.length }, {}, {}] });
  expect(pin).toMatchObject({ instant: whole.instant, note: "why it broke", rows: 3 });
  expect(await tables.reader.resolve({ instant: unpinned.instant })).toMatchObject({ kind: "gone" });
  const reopened = await openTables(folder, feed, clock);
  onTestFinished(() => reopened.lake.close());
  for (const { reader, pins } of [tables, reopened]) {
    expect(await reader.resolve({ instant: whole.instant })).toEqual({ kind: "head", ...headOf(whole) });
    expect(await reader.resolve({ position: whole.to })).toMatchObject({ kind: "head", instant: whole.instant });
    expect(await reader.snapshot({ at: whole.to, filter: EVERYTHING, limit: 100 })).toEqual(before);
    expect(pins.pins().map(({ instant, note }) => [instant, note])).toEqual([
      [the.part.instant, ""],
      [whole.instant, "why it broke"],
    ]);
  }
});

test("a pin of fewer rows than there were says gone to what it does not hold, never less than asked (invariant 5)", async () => {
  const { tables, part, feed } = the;
  const ask = (limit: number, from: number | null = null) =>
    tables.reader.snapshot({ at: part.to, filter: { ...EVERYTHING, from }, limit });
  const newestFirst = await ask(2);
  expect(newestFirst).toMatchObject({ kind: "rows", rows: [{}, {}] });
  expect(await ask(3)).toMatchObject({ kind: "gone" });
  const [row] = newestFirst.kind === "rows" ? newestFirst.rows : [];
  expect(await ask(3, row![feed.eventTime] as number)).toMatchObject({ kind: "rows", rows: [{}] });
});

test("a pin whose description is damaged is not there until it is mended, and stops nothing else (invariant 5)", async () => {
  const { folder, feed, clock, whole, part } = the;
  const file = join(folder, "lake", `${feed.name}_pins`, `${whole.instant}.json`);
  const description = await readFile(file, "utf8");
  const damaged: string[] = [];
  const open = () => openTables(folder, feed, clock, (path) => damaged.push(path));
  await writeFile(file, description.slice(0, -10));
  try {
    const { reader, pins, lake } = await open();
    expect(pins.pins().map(({ instant }) => instant)).toEqual([part.instant]);
    expect(await reader.resolve({ instant: whole.instant })).toMatchObject({ kind: "gone" });
    expect(damaged).toEqual([`lake/${feed.name}_pins/${whole.instant}.json`]);
    await lake.close();
  } finally {
    await writeFile(file, description);
  }
  const { pins, lake } = await open();
  expect(pins.pins()).toHaveLength(2);
  await lake.close();
});

test("to pin again changes the note and nothing else: the rows may be nowhere else any more (invariant 5)", async () => {
  const { tables, part, clock } = the;
  const again = await tables.pins.pin(headOf(part), "another note", clock.now(), 1_000);
  expect(again).toMatchObject({ note: "another note", rows: 2 });
  expect(await tables.reader.snapshot({ at: part.to, filter: EVERYTHING, limit: 100 })).toMatchObject({ kind: "gone" });
  expect(await tables.reader.snapshot({ at: part.to, filter: EVERYTHING, limit: 2 })).toMatchObject({ rows: [{}, {}] });
});

test("what another process pins is found, and what it unpins is gone", async () => {
  const { folder, feed, clock, tables, whole } = the;
  const other = await openTables(folder, feed, clock);
  onTestFinished(() => other.lake.close());
  const head = await tables.reader.head();
  const newest = { ...head, instant: head.instant! };
  await tables.pins.pin(newest, "by a colleague", clock.now(), 10);
  await other.pins.refreshPins();
  expect(other.pins.pins()[0]).toMatchObject({ instant: newest.instant, note: "by a colleague" });
  await other.pins.unpin(newest.instant);
  await Promise.all([tables.pins.refreshPins(), tables.pins.refreshPins()]);
  expect(tables.pins.pins().map(({ instant }) => instant)).toEqual([the.part.instant, whole.instant]);
});

test("what was left half written is removed once nobody can be writing it, and not before", async () => {
  const { folder, feed, clock } = the;
  const pins = join(folder, "lake", `${feed.name}_pins`);
  const left = ["20261121090000000", "20261121090000001"].map((instant) => join(pins, `.${instant}.spark`));
  const empty = join(pins, ".20261121090000002.spark");
  await mkdir(empty);
  const parts = left.map((path) => join(path, "_temporary", "part-0.parquet"));
  for (const path of parts) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, "half");
  }
  await utimes(parts[0]!, 0, 0);
  const drafts = async () => (await readdir(pins)).filter((name) => name.startsWith(".")).sort();
  const { lake, pins: kept } = await openTables(folder, feed, clock);
  onTestFinished(() => lake.close());
  expect(await drafts()).toEqual([".20261121090000001.spark", ".20261121090000002.spark"]);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 601_000 });
  onTestFinished(() => void vi.useRealTimers());
  await kept.refreshPins();
  expect(await drafts()).toEqual([]);
});

test("what is gone already cannot be pinned", async () => {
  const { tables, unpinned, clock } = the;
  await expect(tables.pins.pin(headOf(unpinned), "", clock.now(), 10)).rejects.toMatchObject({ code: "gone" });
  expect(tables.pins.pins()).toHaveLength(2);
});

test("what is unpinned is gone, and cannot be unpinned twice", async () => {
  const { tables, part } = the;
  await tables.pins.unpin(part.instant);
  expect(await tables.reader.resolve({ instant: part.instant })).toMatchObject({ kind: "gone" });
  await expect(tables.pins.unpin(part.instant)).rejects.toThrow("Nothing is pinned");
});
