import { describe, expect, it } from "vitest";
import { slotCounts, TICK_MS, timeRange } from "../../model/time-line";
import { barsPath } from "./line-shape";

const MINUTE = 60_000;
const DAY = 86_400_000;
const NOW = Date.parse("2026-11-21T10:15:00Z");

describe("barsPath", () => {
  it("draws neighbours of one height as one shape, up and down from the middle", () => {
    expect(barsPath([0, 3, 3, 0, 1], "up")).toBe("M1 16v-15h2v15zM4 16v-5h1v5z");
    expect(barsPath([2, 0], "down")).toBe("M0 16v15h1v-15z");
  });

  it("shows what is there however little it is beside the rest, and nothing where nothing is", () => {
    expect(barsPath([1, 1_000], "up")).toBe("M0 16v-1h1v1zM1 16v-15h1v15z");
    expect(barsPath([0, 0], "up")).toBe("");
  });
});

describe("timeRange", () => {
  it("is the day before now, less where the past is shorter, and at least some minutes", () => {
    expect(timeRange(NOW, null, null)).toMatchObject({ slotMs: 15 * MINUTE });
    const hour = timeRange(NOW, null, NOW - 60 * MINUTE);
    expect(hour.from).toBe(NOW - 60 * MINUTE);
    const fresh = timeRange(NOW, NOW, NOW);
    expect(fresh.to - fresh.from).toBeGreaterThanOrEqual(20 * MINUTE);
  });

  it("is around the page of the past that is older than a day, and holds it", () => {
    const { from, to } = timeRange(NOW, NOW - 3 * DAY, null);
    expect(from).toBeLessThan(NOW - 3 * DAY);
    expect(to).toBeGreaterThan(NOW - 3 * DAY);
    expect(to).toBeLessThan(NOW);
    // Of a pinned instant beyond what is kept.
    expect(timeRange(NOW, NOW - 30 * DAY, NOW - DAY).from).toBeLessThan(NOW - 30 * DAY);
  });

  it("has at most as many slots as can be told apart, and now in the last of them", () => {
    for (const [viewedAt, oldest] of [
      [null, null],
      [NOW - 2 * DAY, null],
      [null, NOW - 7 * MINUTE],
    ] as const) {
      const { from, to, slotMs } = timeRange(NOW, viewedAt, oldest);
      expect((to - from) / slotMs).toBeLessThanOrEqual(122);
      expect([from % slotMs, to % slotMs]).toEqual([0, 0]);
      if (viewedAt === null) expect(to).toBeGreaterThan(NOW);
    }
  });
});

describe("slotCounts", () => {
  it("sums ticks into slots and leaves out what lies beside", () => {
    const range = { from: 6 * TICK_MS, to: 12 * TICK_MS, slotMs: 3 * TICK_MS };
    const counts = new Map([
      [5, 1],
      [6, 2],
      [8, 3],
      [9, 4],
      [12, 5],
    ]);
    expect(slotCounts(range, counts)).toEqual([5, 4]);
  });
});
