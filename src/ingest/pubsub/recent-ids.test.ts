import { expect, test } from "vitest";
import { RecentIds } from "./recent-ids";

test("an id is known for as many others as are asked for, and not for ever", () => {
  const recent = new RecentIds(3);
  expect(["a", "b", "c", "a"].map((id) => recent.seen(id))).toEqual([false, false, false, true]);
  expect(recent.seen("d")).toBe(false);
  expect(recent.seen("a")).toBe(true);
  for (const id of ["e", "f", "g"]) recent.seen(id);
  expect(recent.seen("a")).toBe(false);
});
