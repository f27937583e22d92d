import { describe, expect, it } from "vitest";
import { countDay, rateText } from "./counts";

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
