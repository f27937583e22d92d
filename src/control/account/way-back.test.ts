import { expect, test } from "vitest";
import { wayBack } from "./way-back";

test.each([
  ["a page with its query", "/feeds/a?status=FAILED&q=x?y", "/feeds/a?status=FAILED&q=x?y"],
  ["the longest that is taken along", `/feeds/a?q=${"a".repeat(987)}`, `/feeds/a?q=${"a".repeat(987)}`],
  ["a query that is too long", `/feeds/a?q=${"a".repeat(988)}`, "/feeds/a"],
  ["letters of two bytes", `/feeds/a?q=${"ü".repeat(500)}`, "/feeds/a"],
  ["what is escaped when it is written", `/feeds/a?q=${'"'.repeat(500)}`, "/feeds/a"],
  ["a path that is too long", `/feeds/${"a".repeat(1_000)}?q=1`, "/"],
])("of %s it keeps as much as fits", (_what, path, kept) => {
  expect(wayBack(path)).toBe(kept);
});
