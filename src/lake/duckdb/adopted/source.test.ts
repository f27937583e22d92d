/** The tables of our own writer stand in for somebody else's: what only other jobs write is in tests/spark/adopted.test.ts. */
import { expect, test } from "vitest";
import { EVERYTHING } from "../../../model/filter";
import type { Feed } from "../../../model/feed";
import type { Row } from "../../../model/value";
import {
  openTestLake,
  pipelineEvents,
  rowOf,
  stagedFile,
  steppedClock,
  T0,
  temporaryEngine,
  temporaryStorage,
  type TestLake,
} from "../../../../tests/support/lake";
import { AdoptedReader } from "../../adopted/reader";
import { EmbeddedAdoptedSource } from "./source";
import { TableWatch } from "./table-look";

const event = (feed: Feed, eventId: string, status: string, updatedAt: number): Row =>
  rowOf(feed, {
    eventId,
    correlationId: "batch-1",
    pipelineName: "orders",
    stageName: "load",
    status,
    eventTimestamp: T0,
    lastUpdatedAt: T0 + updatedAt,
  });

let names = 0;
const commit = (lake: TestLake, ...rows: Row[]) => lake.writer.commit([stagedFile(`file-${names++}`, rows)]);

async function follow() {
  const feed = await pipelineEvents();
  const [storage, engine, clock] = [await temporaryStorage(), await temporaryEngine(), steppedClock()];
  const watch = new TableWatch(storage, `lake/${feed.name}`, clock);
  const source = new EmbeddedAdoptedSource({ feed, engine, watch });
  const reader = new AdoptedReader({ feed, source, clock });
  const next = () => {
    clock.advance(2_000);
    return reader.head();
  };
  const write = () => openTestLake({ feed, storage, engine, clock });
  return { feed, reader, clock, next, write };
}

test("a table that comes is found, and followed commit by commit", async () => {
  const { feed, reader, next, write } = await follow();
  expect(await next()).toMatchObject({ instant: null });
  expect(reader.isAbsent).toBe(true);
  const lake = await write();
  const start = await next();
  expect(reader.isAbsent).toBe(false);
  const [a, b] = [event(feed, "a", "STARTED", 0), event(feed, "b", "STARTED", 0)];
  await commit(lake, a);
  const first = await next();
  expect(await reader.changes(start.position, first.position)).toMatchObject({ kind: "delta", up: [a], del: [] });
  const newer = event(feed, "a", "FAILED", 5);
  await commit(lake, newer, b);
  const second = await next();
  expect(await reader.changes(first.position)).toEqual({
    kind: "delta",
    from: first.position,
    to: second.position,
    up: [newer, b],
    del: [],
  });
  const past = await reader.snapshot({ at: first.position, filter: EVERYTHING, limit: 10 });
  expect(past).toMatchObject({ rows: [a] });
  expect(await reader.history("a")).toMatchObject([
    { instant: first.instant, row: a },
    { instant: second.instant, row: newer },
  ]);
  expect(await reader.statistics()).toMatchObject({ rows: 2, byStatus: { FAILED: 1, STARTED: 1 } });
});

test("what its cleaner took is gone, with the oldest instant that is left (invariant 5)", async () => {
  const { feed, reader, clock, next, write } = await follow();
  const lake = await write();
  const heads = [];
  for (let i = 0; i < 35; i++) {
    await commit(lake, event(feed, "a", "STARTED", i));
    heads.push(await next());
  }
  clock.advance(1_200_000); // its cleaner keeps ten minutes
  await commit(lake, event(feed, "a", "FAILED", 100));
  await lake.writer.maintain();
  const head = await next();
  const reach = await reader.reach();
  expect(reach! > heads[0]!.instant!).toBe(true);
  const lost = await reader.snapshot({ at: heads[0]!.position, filter: EVERYTHING, limit: 10 });
  expect(lost).toMatchObject({ kind: "gone", oldestInstant: reach });
  expect(await reader.changes(heads[0]!.position)).toMatchObject({ kind: "gone" });
  const now = await reader.snapshot({ at: head.position, filter: EVERYTHING, limit: 10 });
  expect(now).toMatchObject({ rows: [event(feed, "a", "FAILED", 100)] });
});
