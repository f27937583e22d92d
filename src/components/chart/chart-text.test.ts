import { describe, expect, it } from "vitest";
import { niceTop, shortAmount } from "./chart-text";

describe("the axis of values", () => {
  it.each([
    [0, 1],
    [3, 5],
    [72, 100],
    [4_700, 5_000],
  ])("ends for %d things at %d", (most, top) => {
    expect(niceTop(most, "count")).toBe(top);
  });

  it.each([
    [320, "500 ms", "250 ms"],
    [640, "1 s", "500 ms"],
    [14_000, "20 s", "10 s"],
    [170_000, "4 min", "2 min"],
    [1_020_000, "20 min", "10 min"],
    [1_300_000, "30 min", "15 min"],
    [9_000_000, "4 h", "2 h"],
    [40 * 3_600_000, "2 d", "1 d"],
  ])("ends for a duration of %d ms at a round %s, and says what its half is: %s", (most, top, half) => {
    const end = niceTop(most, "ms");
    expect(end).toBeGreaterThanOrEqual(most);
    expect([shortAmount(end, "ms"), shortAmount(end / 2, "ms")]).toEqual([top, half]);
  });
});
