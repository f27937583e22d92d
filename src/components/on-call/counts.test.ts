import { describe, expect, it } from "vitest";
import { countDay, dayCutAt, rateText } from "./counts";

describe("what ended within a day", () => {
  it.each([
    [{}, ""],
    [{ COMPLETED: 10 }, "100 %"],
    [{ FAILED: 3 }, "0 %"],
    [{ COMPLETED: 41_902, FAILED: 338 }, "99.2 %"],
    [{ COMPLETED: 1_000_000, FAILED: 1 }, "99.9 %"],
    [{ COMPLETED: 1, FAILED: 1_000_000 }, "0.1 %"],
  ])("of %j is %s", (day, text) => {
    expect(rateText(countDay(day))).toBe(text);
  });
});

describe("a hot window that holds no whole day", () => {
  it("is told of how many events the counts are, and one that does is not", () => {
    expect(dayCutAt({ window: { COMPLETED: 90, FAILED: 10 }, day: { COMPLETED: 90, FAILED: 10 } }, 100)).toBe(100);
    expect(dayCutAt({ window: { COMPLETED: 90, FAILED: 10 }, day: { COMPLETED: 89, FAILED: 10 } }, 100)).toBeNull();
    expect(dayCutAt({ window: { COMPLETED: 9 }, day: { COMPLETED: 9 } }, 100)).toBeNull();
  });
});
