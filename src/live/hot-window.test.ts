import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MemoryFeed } from "../../tests/support/memory-feed";
import { eventRow, NINE, pipelineFeed } from "../../tests/support/pipeline-feed";
import { compareRows, eventTimeOf, keyOf } from "../model/feed";
import { EVERYTHING } from "../model/filter";
import type { Row } from "../model/value";
import { HotWindow, reserveOf } from "./hot-window";
import { WindowCounts, DAY_MS } from "./status-counts";

const CAPACITY = 5;
const SECOND = 1_000;

const row = (key: number, hour: number, status: string) =>
  eventRow({ eventId: `e-${key}`, eventTimestamp: NINE - hour * 3_600_000, status });

const steps = fc.array(
  fc.record({
    up: fc.array(
      fc.tuple(
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 0, max: 50 }),
        fc.constantFrom("FAILED", "COMPLETED"),
      ),
      { maxLength: 12 },
    ),
    del: fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 25 }),
  }),
  { maxLength: 12 },
);

describe("a hot window", () => {
  it("moved by deltas holds the newest rows of the state, tells exactly what changed, and counts them", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const tables = new MemoryFeed(pipelineFeed);
        const window = new HotWindow(pipelineFeed, CAPACITY, [], false);
        const counts = new WindowCounts(pipelineFeed, [], 0);
        let follower: Row[] = [];
        for (const [i, { up, del }] of all.entries()) {
          const rows = [...new Map(up.map(([key, hour, status]) => [key, row(key, hour, status)])).values()];
          const gone = del
            .map((key) => `e-${key}`)
            .filter((key) => !rows.some((own) => keyOf(pipelineFeed, own) === key));
          const instantMs = NINE + i * SECOND;
          const commit = tables.commit(instantMs, rows, gone);
          const change = window.apply(rows, gone);
          const starved = window.starved;
          if (starved) {
            const after = starved.after && {
              eventTime: eventTimeOf(pipelineFeed, starved.after),
              key: keyOf(pipelineFeed, starved.after),
            };
            const answer = await tables.snapshot({
              at: commit.to,
              filter: EVERYTHING,
              limit: starved.limit,
              ...(after && { after }),
            });
            if (answer.kind === "gone") throw new Error("gone");
            const more = window.refill(answer.rows, answer.rows.length === starved.limit);
            change.up.push(...more.up);
            change.added.push(...more.added);
          }
          counts.apply(change.removed, change.added, window.rows, instantMs);
          const truth = tables.rowsAt(commit.to).slice(0, CAPACITY);
          expect(window.rows).toEqual(truth);
          follower = follow(follower, change.up, change.del, window);
          expect(follower).toEqual(truth);
          expect(counts.read()).toEqual({
            window: tally(truth),
            day: tally(truth.filter((own) => eventTimeOf(pipelineFeed, own) >= instantMs - DAY_MS)),
          });
        }
      }),
      { numRuns: 200 },
    );
  });

  it("has no floor while nothing was left out", () => {
    const window = new HotWindow(pipelineFeed, CAPACITY, [row(1, 1, "FAILED")], false);
    expect(window.floor).toBeNull();
    window.apply(
      Array.from({ length: CAPACITY + reserveOf(CAPACITY) }, (_, i) => row(i, i, "FAILED")),
      [],
    );
    expect(window.floor).toEqual([NINE - 4 * 3_600_000, "e-4"]);
  });

  it("never changes rows that were handed out", () => {
    const window = new HotWindow(pipelineFeed, CAPACITY, [row(1, 1, "FAILED"), row(2, 2, "FAILED")], false);
    const before = window.rows;
    const copy = [...before];
    window.apply([row(1, 1, "COMPLETED"), row(3, 0, "FAILED")], ["e-2"]);
    expect(before).toEqual(copy);
  });
});

/** What a browser does: upserts, deletes, drops what lies behind the floor. */
function follow(rows: readonly Row[], up: readonly Row[], del: readonly string[], { floor }: HotWindow): Row[] {
  const byKey = new Map(rows.map((own) => [keyOf(pipelineFeed, own), own]));
  for (const key of del) byKey.delete(key);
  for (const own of up) byKey.set(keyOf(pipelineFeed, own), own);
  const sorted = [...byKey.values()].sort((a, b) => compareRows(pipelineFeed, a, b));
  if (!floor) return sorted;
  const [time, key] = floor;
  return sorted.filter((own) => {
    const eventTime = eventTimeOf(pipelineFeed, own);
    return eventTime > time || (eventTime === time && keyOf(pipelineFeed, own) <= key);
  });
}

function tally(rows: readonly Row[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const own of rows) {
    const status = own[pipelineFeed.status!] as string;
    counts[status] = (counts[status] ?? 0) + 1;
  }
  return counts;
}
