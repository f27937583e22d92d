import { describe, expect, it } from "vitest";
import type { Attempt } from "~/model/attempt";
import { layOut } from "./lanes";

const T = Date.parse("2026-11-21T10:00:00Z");

function attempt(more: Partial<Attempt>): Attempt {
  const base = { pipelineName: "orders", stageName: "load", attempt: 0, startedAt: T, updatedAt: T, endedAt: null };
  const made = { correlationId: "c", status: "COMPLETED", durationMs: null, rowsIn: null, rowsOut: null, error: null };
  return { ...made, ...base, last: [], ...more } as Attempt;
}

describe("the waterfall of a batch", () => {
  it("puts stages in lanes in the order in which they began and hatches the time between them", () => {
    const { lanes, from, to } = layOut(
      [
        attempt({ stageName: "load", startedAt: T + 60_000, endedAt: T + 100_000 }),
        attempt({ stageName: "extract", startedAt: T, endedAt: T + 40_000 }),
      ],
      T,
    );
    expect([from, to]).toEqual([T, T + 100_000]);
    expect(lanes.map(({ stageName }) => stageName)).toEqual(["extract", "load"]);
    expect(lanes[0]!.bars[0]).toMatchObject({ left: 0, width: 40 });
    expect(lanes[1]!.gaps).toEqual([{ kind: "before-start", ms: 20_000, left: 40, width: 20 }]);
    expect(lanes[1]!.bars[0]).toMatchObject({ left: 60, width: 40 });
  });

  it("shows retries of a stage in one lane with the wait between them", () => {
    const { lanes } = layOut(
      [
        attempt({ attempt: 2, startedAt: T + 30_000, endedAt: T + 40_000 }),
        attempt({ attempt: 1, status: "FAILED", startedAt: T, endedAt: T + 10_000 }),
      ],
      T,
    );
    expect(lanes).toHaveLength(1);
    expect(lanes[0]!.bars.map(({ ordinal, attempt: { status } }) => [ordinal, status])).toEqual([
      [1, "FAILED"],
      [2, "COMPLETED"],
    ]);
    expect(lanes[0]!.gaps).toEqual([{ kind: "before-retry", ms: 20_000, left: 25, width: 50 }]);
  });

  it("lets work under way reach to the end of the axis", () => {
    const { to, lanes } = layOut([attempt({ status: "RUNNING" })], T + 5_000);
    expect(to).toBe(T + 5_000);
    expect(lanes[0]!.bars[0]).toMatchObject({ left: 0, width: 100 });
  });

  it("keeps a batch of a single moment visible", () => {
    const { lanes } = layOut([attempt({ endedAt: T })], T);
    expect(lanes[0]!.bars[0]!.width).toBeGreaterThan(0);
  });

  it("labels at most seven round times, whatever the length", () => {
    for (const length of [3, 900, 61_000, 7_200_000, 86_400_000 * 40]) {
      const { ticks } = layOut([attempt({ endedAt: T + length })], T);
      expect(ticks.length).toBeGreaterThan(0);
      expect(ticks.length).toBeLessThanOrEqual(7);
    }
  });

  it("stands attempts below each other, so that those that run at the same time can be told apart", () => {
    const lane = (attempts: Attempt[]) => layOut(attempts, T).lanes[0]!;
    const two = lane([
      attempt({ attempt: 1, endedAt: T + 10_000 }),
      attempt({ attempt: 2, startedAt: T + 5_000, endedAt: T + 20_000 }),
    ]);
    expect([two.rows, two.bars.map(({ row }) => row), two.gaps]).toEqual([2, [0, 1], []]);
    const many = lane(
      Array.from({ length: 90 }, (_, i) =>
        attempt({ attempt: i, startedAt: T + i * 10_000, endedAt: T + i * 10_000 + 15_000 }),
      ),
    );
    expect([many.rows, many.bars.length, many.attempts.length]).toEqual([2, 40, 90]);
    expect(many.bars.at(-1)).toMatchObject({ ordinal: 90 });
  });

  it("shows where the batch before was, from the start of the pipeline, and is not squeezed by a long one", () => {
    const own = [attempt({ endedAt: T + 10_000 })];
    const ghost = { pipelineName: "orders", stageName: "load", fromMs: 5_000, toMs: 10_000 };
    expect(layOut(own, T, [ghost]).lanes[0]!.ghost).toEqual({ left: 50, width: 50 });
    const long = layOut(own, T, [{ ...ghost, toMs: 3_600_000 }]);
    expect(long.to).toBe(T + 15_000);
    expect(layOut(own, T, [{ ...ghost, stageName: "other" }]).lanes[0]!.ghost).toBeNull();
  });

  it("lays out a batch of many attempts", () => {
    const attempts = Array.from({ length: 20_000 }, (_, i) =>
      attempt({ stageName: `s-${i % 50}`, attempt: i, startedAt: T + i, endedAt: T + i + 5 }),
    );
    expect(layOut(attempts, T).lanes).toHaveLength(50);
  });
});
