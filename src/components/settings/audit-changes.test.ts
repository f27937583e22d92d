import { expect, it } from "vitest";
import { changesOf } from "./audit-changes";

it("tells what is new, what is gone and what is another", () => {
  expect(changesOf({ a: 1, b: "x", c: [1] }, { a: 2, c: [1], d: null })).toEqual([
    { name: "a", from: "1", to: "2" },
    { name: "b", from: "x", to: null },
    { name: "d", from: null, to: "null" },
  ]);
  expect(changesOf(null, { a: true })).toEqual([{ name: "a", from: null, to: "true" }]);
  expect(changesOf({ a: true }, null)).toEqual([{ name: "a", from: "true", to: null }]);
});
