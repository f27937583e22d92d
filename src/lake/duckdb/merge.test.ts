import fc from "fast-check";
import { expect, test } from "vitest";
import { GROUP_ROWS, planState, shareRows, type Incoming, type Stored } from "./merge";

const incoming = (n: number, key: string, ordering: number | string, rank = 0, partition = "d=1"): Incoming => ({
  n,
  key,
  ordering,
  rank,
  partition,
});
const stored = (ordering: number | string, rank = 0, partition = "d=1", fileId = "g"): Stored => ({
  ordering,
  rank,
  partition,
  fileId,
});

test("a winner replaces the row of its key where that lies", () => {
  const plan = planState([incoming(0, "a", 2), incoming(1, "b", 1)], new Map([["a", [stored(1)]]]));
  expect(plan.winners).toEqual([0, 1]);
  expect([...plan.changes.values()]).toEqual([
    { partition: "d=1", fileId: "g", replaced: ["a"], updated: [0], left: [] },
  ]);
  expect([...plan.inserts]).toEqual([["d=1", [1]]]);
});

test("ordering decides, then rank, then arrival: an equal incoming version is the later one (invariant 2)", () => {
  const wins = (version: Incoming, row: Stored) => planState([version], new Map([["a", [row]]])).winners.length === 1;
  expect(wins(incoming(0, "a", 1, 9), stored(2, 0))).toBe(false);
  expect(wins(incoming(0, "a", 2, 0), stored(2, 1))).toBe(false);
  expect(wins(incoming(0, "a", 2, 1), stored(2, 1))).toBe(true);
  expect(wins(incoming(0, "a", "9007199254740993"), stored("9007199254740992"))).toBe(true);
  expect(planState([incoming(0, "a", 5), incoming(1, "a", 5), incoming(2, "a", 4)], new Map()).winners).toEqual([1]);
});

test("a key that changes partition leaves its group and is inserted in the other", () => {
  const plan = planState([incoming(0, "a", 2, 0, "d=2")], new Map([["a", [stored(1)]]]));
  expect([...plan.changes.values()]).toEqual([
    { partition: "d=1", fileId: "g", replaced: [], updated: [], left: ["a"] },
  ]);
  expect([...plan.inserts]).toEqual([["d=2", [0]]]);
});

test("of a key that lies in two partitions one row is left", () => {
  const rows = [stored(1, 0, "d=1", "g1"), stored(1, 0, "d=2", "g2")];
  const plan = planState([incoming(0, "a", 2, 0, "d=2")], new Map([["a", rows]]));
  expect([...plan.changes.values()].map(({ fileId, updated, left }) => [fileId, updated, left])).toEqual([
    ["g1", [], ["a"]],
    ["g2", [0], []],
  ]);
  expect(plan.inserts.size).toBe(0);
});

test("rows are spread whole, over groups that are neither tiny nor far above the bound", () => {
  fc.assert(
    fc.property(
      fc.option(fc.integer({ min: 1, max: GROUP_ROWS - 1 })),
      fc.integer({ min: 1, max: 60_000 }),
      (rows, count) => {
        const shares = shareRows(rows === null ? null : { fileId: "open", rows }, count);
        expect(shares.reduce((sum, share) => sum + share.count, 0)).toBe(count);
        for (const { fileId, count: part } of shares) {
          expect(part + (fileId === null ? 0 : rows!)).toBeLessThanOrEqual(GROUP_ROWS * 1.5);
          expect(part).toBeGreaterThan(0);
        }
        expect(shares.findIndex(({ fileId }) => fileId !== null)).toBeLessThan(1); // the open group comes first
      },
    ),
  );
});
