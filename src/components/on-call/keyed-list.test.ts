import { describe, expect, it } from "vitest";
import { displaced } from "./keyed-list";

describe("what waits for a list that nothing may move in", () => {
  it.each([
    ["abc", "abc", 0],
    ["abc", "abcd", 1],
    ["abc", "xabc", 1],
    ["abc", "ac", 1],
    ["abcd", "bcda", 1],
    ["abcd", "dcba", 3],
    ["abc", "xyz", 6],
    ["", "ab", 2],
  ])("from %s to %s is %d", (shown, wanted, count) => {
    expect(displaced([...shown], [...wanted])).toBe(count);
  });
});
