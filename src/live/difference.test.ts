import { pino } from "pino";
import { Registry } from "prom-client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MemoryFeed } from "../../tests/support/memory-feed";
import { eventRow, NINE, pipelineFeed } from "../../tests/support/pipeline-feed";
import { seededRandom } from "../../tests/support/random";
import { systemClock } from "../clock";
import type { Head } from "../lake/reader";
import { applyChanges } from "../model/difference";
import { changedProblems, changedBatches, summarise } from "../model/difference-summary";
import type { Row } from "../model/value";
import { viewShape, type ViewName } from "../model/view";
import { Live } from "./live";

const FEED = "pipeline_events";
const COMMITS = 24;

const byKey = (view: ViewName, rows: readonly Row[]): Row[] => {
  const { key } = viewShape(view, view);
  return [...rows].sort((a, b) => ((a[key] as string) < (b[key] as string) ? -1 : 1));
};

describe("the difference of two instants", () => {
  let live: Live;
  let tables: MemoryFeed;
  const heads: Head[] = [];

  const commit = async (second: number, up: Row[], del: string[] = []) => {
    const done = tables.commit(NINE + second * 1_000, up, del);
    live.committed(FEED, done);
    await expect.poll(async () => (await live.picture(FEED, null)).position).toBe(done.to);
    heads.push(await tables.head());
  };

  beforeEach(async () => {
    heads.length = 0;
    tables = new MemoryFeed(pipelineFeed);
    live = await Live.open({
      feeds: [pipelineFeed],
      readerOf: () => tables,
      hotRows: 1_000,
      clock: systemClock,
      log: pino({ level: "silent" }),
      metrics: new Registry(),
    });
  });
  afterEach(() => live.close());

  it("applied to the views at the earlier one gives the views at the later one, at random histories (invariant 5)", async () => {
    const random = seededRandom(11);
    for (let second = 0; second < COMMITS; second++) {
      const rows = Array.from({ length: 5 }, () => someRow(random, second));
      const left = second % 5 === 4 ? [`e-${random.int(0, 60)}`] : [];
      const up = [...new Map(rows.map((row) => [row[0] as string, row])).values()];
      await commit(
        second,
        up.filter((row) => !left.includes(row[0] as string)),
        left,
      );
    }
    for (let i = 0; i < 40; i++) {
      const [a, b] = [random.int(0, COMMITS - 1), random.int(0, COMMITS - 1)].sort((x, y) => x - y);
      const [from, to] = [heads[a!]!, heads[b!]!];
      const found = await live.difference(FEED, from, to);
      for (const view of ["problems", "batches"] as const) {
        const [before, after] = [await live.read(`views/${view}`, from), await live.read(`views/${view}`, to)];
        const applied = applyChanges(viewShape(view, view).key, before.rows, found[view]);
        expect(byKey(view, applied), `${view} ${a} → ${b}`).toEqual(byKey(view, after.rows));
      }
      expect(found.counts.after).toEqual((await live.overview(FEED, 0, to)).counts);
    }
  });

  it("tells what newly fails, what recovered, what came, and what still fails", async () => {
    const event = (id: string, stageName: string, status: string, at: number) =>
      eventRow({
        ...{ eventId: id, correlationId: `batch-${id}`, pipelineName: "orders", stageName, status },
        ...{ eventTimestamp: NINE + at, lastUpdatedAt: NINE + at, attempt: 0 },
        errorMessage: status === "FAILED" ? `no ${stageName}` : null,
      });
    await commit(1, [
      event("a", "read", "FAILED", 0),
      event("b", "load", "FAILED", 0),
      event("c", "check", "RUNNING", 0),
    ]);
    await commit(2, [event("d", "load", "COMPLETED", 900), event("c", "check", "FAILED", 950)]);
    const { problemsBefore, problems, batches, rows } = await live.difference(FEED, heads[0]!, heads[1]!);
    const told = summarise(problemsBefore, changedProblems(problems), changedBatches(batches));
    expect(rows).toEqual({ changed: 2, left: 0 });
    expect(told).toMatchObject({
      problems: { newlyFailing: 1, recovered: 1, appeared: 0, changed: 0, disappeared: 0 },
      stillFailing: 1,
      batches: { newlyFailing: 1, recovered: 0, appeared: 1 },
      pipelines: [{ pipelineName: "orders", before: "failing", after: "failing" }],
    });
  });

  it("is 410 with the oldest instant when one end is out of reach (invariant 5)", async () => {
    for (let second = 1; second <= 3; second++) await commit(second, [someRow(seededRandom(second), second)]);
    tables.forget(heads[1]!.position);
    const oldest = heads[1]!.instant;
    await expect(live.difference(FEED, heads[0]!, heads[2]!)).rejects.toMatchObject({
      code: "gone",
      details: { oldest },
    });
  });
});

function someRow(random: ReturnType<typeof seededRandom>, second: number): Row {
  const key = random.int(0, 60);
  const status = random.pick(["STARTED", "RUNNING", "RETRYING", "FAILED", "COMPLETED"]);
  return eventRow({
    eventId: `e-${key}`,
    correlationId: `batch-${key % 9}`,
    pipelineName: ["orders", "stock"][key % 2]!,
    stageName: ["read", "load"][key % 3 === 0 ? 0 : 1]!,
    status,
    attempt: key % 2,
    eventTimestamp: NINE - key * 60_000,
    lastUpdatedAt: NINE + second * 1_000 + random.int(0, 900),
    errorMessage: status === "FAILED" ? random.pick(["disk full", "timeout after 3 s", "timeout after 40 s"]) : null,
  });
}
