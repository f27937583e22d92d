import { describe, expect, it } from "vitest";
import { toneOf } from "./tone";

describe("the tone of a status word", () => {
  it.each([
    ["COMPLETED", "ok"],
    ["FAILED", "bad"],
    ["RETRYING", "wait"],
    ["RUNNING", "run"],
    ["STARTED", "run"],
    ["failing", "bad"],
    ["mauve", "none"],
    ["", "none"],
  ])("of %s is %s", (word, tone) => {
    expect(toneOf(word)).toBe(tone);
  });
});
