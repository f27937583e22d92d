/** Views that are compared with what is usual stay a function of their position (invariants 4 and 5). */
import pino from "pino";
import { Registry } from "prom-client";
import { expect, it, onTestFinished } from "vitest";
import { MemoryFeed } from "../../tests/support/memory-feed";
import { eventRow, NINE, pipelineFeed } from "../../tests/support/pipeline-feed";
import { until } from "../../tests/support/until";
import { HOUR_MS, hourIdOf, type PipelineHour } from "../model/hours/pipeline-hour";
import { EMPTY_SKETCH, sketchOf } from "../model/hours/sketch";
import { keyOf } from "../model/feed";
import type { Row } from "../model/value";
import { rowToPipeline } from "../model/view";
import { HourTable } from "./hours/hour-table";
import { Live } from "./live";

const MINUTE = 60_000;
const VIEW = "views/pipelines";

/** An hour of yesterday, remembered at `sourceAt`. */
const remembered = (hour: number, sourceAt: number, everyMs: number, starts = 10): PipelineHour => ({
  hourId: hourIdOf("orders", null, hour, true),
  pipelineName: "orders",
  stageName: null,
  hour,
  state: "REMEMBERED",
  sourceAt,
  attempts: 10,
  running: 0,
  retrying: 0,
  failed: 0,
  completed: 10,
  rowsIn: null,
  rowsOut: null,
  durations: sketchOf(new Array<number>(10).fill(MINUTE)),
  rowCounts: EMPTY_SKETCH,
  gaps: sketchOf(new Array<number>(starts - 1).fill(everyMs)),
  firstStartAt: hour,
  lastStartAt: hour + (starts - 1) * everyMs,
  lastUpdatedAt: hour + HOUR_MS,
  firstFailedAt: null,
  firstShownAt: null,
  lastFailedAt: null,
  recoveredAt: null,
  firstCompletedAt: hour,
});

async function open(feed: MemoryFeed, table: HourTable): Promise<Live> {
  const live = await Live.open({
    feeds: [pipelineFeed],
    readerOf: () => feed,
    hotRows: 100,
    clock: { now: () => NINE },
    log: pino({ level: "silent" }),
    metrics: new Registry(),
    pollMs: 3_600_000,
    usualOf: () => ({ usualAt: (ms) => table.usualAt(ms), ready: Promise.resolve() }),
  });
  onTestFinished(() => live.close());
  return live;
}

const event = (id: string, at: number): Row =>
  eventRow({ eventId: id, correlationId: id, eventTimestamp: at, lastUpdatedAt: at + MINUTE });

it("what is usual changes with the hour of the commit, as rows do, and on every server alike", async () => {
  const feed = new MemoryFeed(pipelineFeed);
  const table = new HourTable();
  table.apply([remembered(NINE - 30 * HOUR_MS, NINE - 90 * MINUTE, 6 * MINUTE)]);
  // Remembered in the hour of the first commit: it counts from the hour after the next one on.
  const later = remembered(NINE - 26 * HOUR_MS, NINE + MINUTE, 2 * MINUTE, 25);
  feed.commit(NINE + 10 * MINUTE, [event("a", NINE + 5 * MINUTE)]);
  const moved = await open(feed, table);
  const shown = async (live: Live) => (await live.read(VIEW, null)).rows;
  const every = (rows: readonly Row[]) => Math.round(rowToPipeline(rows[0]!).usualEveryMs! / MINUTE);

  const first = await shown(moved);
  const before = await feed.head();
  expect(every(first)).toBe(6);
  table.apply([later]);
  for (const at of [NINE + 50 * MINUTE, NINE + 70 * MINUTE, NINE + 130 * MINUTE]) {
    const commit = feed.commit(at, [event(`e-${at}`, at - MINUTE)]);
    moved.committed(pipelineFeed.name, commit);
    await until("the commit to be shown", async () => (await moved.read(VIEW, null)).instant === commit.instant);
    expect(every(await shown(moved))).toBe(at < NINE + 2 * HOUR_MS ? 6 : 2);
    // A server that starts here shows the same.
    expect(await shown(await open(feed, table))).toEqual(await shown(moved));
  }

  // Whoever followed from the first position, or comes from it now, has the same rows.
  const { up, del } = await moved.viewChanges(moved.view("pipelines"), before, null);
  const followed = new Map(first.map((row) => [keyOf(pipelineFeed, row), row]));
  for (const key of del) followed.delete(key);
  for (const row of up) followed.set(row[0] as string, row);
  expect([...followed.values()]).toEqual(await shown(moved));
  // And the first position is as it was.
  expect((await moved.read(VIEW, before)).rows).toEqual(first);
});

it("what was read too late begins the views again", async () => {
  const feed = new MemoryFeed(pipelineFeed);
  const table = new HourTable();
  feed.commit(NINE + 10 * MINUTE, [event("a", NINE + 5 * MINUTE)]);
  const live = await open(feed, table);
  const shown = async () => rowToPipeline((await live.read(VIEW, null)).rows[0]!);
  expect((await shown()).usualEveryMs).toBeNull();
  table.apply([remembered(NINE - 30 * HOUR_MS, NINE - 90 * MINUTE, 6 * MINUTE)]);
  const commit = feed.commit(NINE + 20 * MINUTE, [event("b", NINE + 11 * MINUTE)]);
  live.committed(pipelineFeed.name, commit);
  await until("the commit to be shown", async () => (await shown()).usualEveryMs !== null);
  expect(Math.round((await shown()).usualEveryMs! / MINUTE)).toBe(6);
});
