import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Row } from "~/model/value";
import { followTable, type FollowOptions } from "./follow";
import type { EventTable } from "./patcher";
import { comparePlaces, placeOrder, rowPlace, type Place, type PlaceShape } from "./place";

const KEY = 0;
const TIME = 1;
const TEXT = 2;
const shape: PlaceShape = {
  key: KEY,
  eventTime: TIME,
  fields: [
    { name: "key", type: { kind: "string" } },
    { name: "time", type: { kind: "timestamp", unit: "millis" } },
    { name: "text", type: { kind: "string" } },
  ],
};
const byText: PlaceShape = { ...shape, sort: { field: TEXT, descending: true } };
const inOrder = (rows: readonly Row[], of = shape) =>
  [...rows].sort((a, b) => placeOrder(of)(rowPlace(of, a), rowPlace(of, b)));

/** The table's promises on an array instead of a document. */
function arrayTable(
  initial: readonly Row[],
  limit: number,
  isComplete: boolean,
  of: PlaceShape,
): EventTable & { rows: Row[] } {
  let complete = isComplete;
  const place = (row: Row): Place => rowPlace(of, row);
  const order = placeOrder(of);
  const staysInPlace = (own: Row, row: Row) => order(place(own), place(row)) === 0;
  const table = {
    rows: inOrder(initial, of),
    apply(changes: ReadonlyMap<string, Row | null>) {
      const last = table.rows.at(-1);
      const arrivals = [...changes.values()].filter((row) => row !== null);
      const fits = (row: Row) => complete || (last !== undefined && order(place(row), place(last)) <= 0);
      const kept = table.rows.filter((row) => !changes.has(row[KEY] as string));
      table.rows = inOrder([...kept, ...arrivals.filter(fits)], of);
      if (table.rows.length > limit) complete = false;
      table.rows = table.rows.slice(0, limit);
    },
    applyInPlace(changes: ReadonlyMap<string, Row | null>) {
      const left = new Map<string, Row | null>();
      for (const [key, row] of changes) {
        const at = table.rows.findIndex((own) => own[KEY] === key);
        if (at >= 0 && row !== null && staysInPlace(table.rows[at]!, row)) table.rows[at] = row;
        else if (at >= 0 || row !== null) left.set(key, row);
      }
      return left;
    },
    trimOlder(to: Place) {
      table.rows = table.rows.filter((row) => comparePlaces(place(row), to) <= 0);
    },
    preview: () => undefined,
    withdraw: () => undefined,
    count: () => table.rows.length,
    isComplete: () => complete,
    refill: () => undefined,
    last: () => null,
    readAhead: () => false,
  };
  return table;
}

function follow(initial: readonly Row[], more: Partial<FollowOptions> = {}) {
  const table = arrayTable(initial, more.limit ?? 100, true, more.shape ?? shape);
  const flushes: (() => void)[] = [];
  const waiting: number[] = [];
  const follower = followTable({
    shape,
    table,
    matches: (row) => row[TEXT] !== "hidden",
    windowMs: null,
    limit: 100,
    isHeld: () => false,
    onWaiting: (count) => waiting.push(count),
    schedule: (flush) => flushes.push(flush),
    onShort: () => undefined,
    ...more,
  });
  const frame = (
    up: readonly Row[],
    del: readonly string[] = [],
    instantMs = 1_000,
    floor: [number, string] | null = null,
  ) => follower.frame({ up, del, floor, instantMs });
  const flush = () => flushes.splice(0).forEach((run) => run());
  return { table, follower, frame, flush, waiting, keys: () => table.rows.map((row) => row[KEY]) };
}

describe("following a view on the page", () => {
  it("writes new rows at their place, newest first, then by key", () => {
    const { frame, flush, keys } = follow([["b", 5, ""]]);
    frame([
      ["a", 5, ""],
      ["c", 9, ""],
      ["d", 1, ""],
    ]);
    flush();
    expect(keys()).toEqual(["c", "a", "b", "d"]);
  });

  it("removes rows that left the filter, the table, the window or the floor", () => {
    const rows: Row[] = [
      ["a", 900, ""],
      ["b", 800, ""],
      ["c", 700, ""],
      ["d", 600, ""],
    ];
    const { frame, flush, keys } = follow(rows, { windowMs: 300 });
    frame([["a", 900, "hidden"]], ["b"], 1_000, [700, "b"]);
    flush();
    expect(keys()).toEqual([]);
    frame([["e", 650, ""]], [], 1_000, null);
    flush();
    expect(keys()).toEqual([]);
  });

  it("gathers frames: the last value of a key wins and is written once", () => {
    const { frame, flush, table } = follow([["a", 1, "old"]]);
    frame([["a", 1, "newer"]]);
    frame([["a", 1, "newest"]]);
    expect(table.rows[0]![TEXT]).toBe("old");
    flush();
    expect(table.rows).toEqual([["a", 1, "newest"]]);
  });

  it("moves nothing while rows are held, changes cells in place, and catches up when released", () => {
    const { frame, flush, keys, table, waiting, follower } = follow([["a", 5, ""]], { isHeld: () => true });
    frame([
      ["a", 5, "changed"],
      ["b", 9, ""],
    ]);
    flush();
    expect(keys()).toEqual(["a"]);
    expect(table.rows[0]![TEXT]).toBe("changed");
    expect(waiting).toEqual([1]);
    frame([["b", 9, "hidden"]], ["a"]);
    flush();
    follower.release();
    expect(keys()).toEqual([]);
    expect(waiting.at(-1)).toBe(0);
  });

  it("keeps what waits within a bound and still shows the newest rows afterwards", () => {
    const { frame, flush, keys, waiting, follower } = follow([], { isHeld: () => true, limit: 10 });
    for (let i = 0; i < 100; i++) frame([[`k${i}`, i, ""]]);
    flush();
    expect(waiting.at(-1)).toBeLessThanOrEqual(20);
    follower.release();
    expect(keys()).toEqual(Array.from({ length: 10 }, (_, i) => `k${99 - i}`));
  });

  it("writes rows at their place in the order that was chosen, and drops old ones wherever they stand", () => {
    const { frame, flush, keys } = follow([["a", 5, "k"]], { shape: byText });
    frame([
      ["b", 9, "m"],
      ["c", 3, "z"],
      ["d", 9, "k"],
    ]);
    flush();
    expect(keys()).toEqual(["c", "b", "d", "a"]);
    frame([], [], 1_000, [5, "a"]);
    flush();
    expect(keys()).toEqual(["b", "d", "a"]);
  });

  it("keeps what waits in the order that was chosen", () => {
    const { frame, flush, keys, follower } = follow([], { isHeld: () => true, limit: 3, shape: byText });
    for (let i = 0; i < 20; i++) frame([[`k${i}`, 100 - i, String.fromCharCode(97 + i)]]);
    flush();
    follower.release();
    expect(keys()).toEqual(["k19", "k18", "k17"]);
  });

  it("asks for more rows when the page runs short of them", () => {
    let asked = 0;
    const table = arrayTable([["a", 2, ""], ["b", 1, ""]], 2, false, shape); // prettier-ignore
    const { frame, flush } = follow([], { table, limit: 2, onShort: () => asked++ });
    frame([], ["a"]);
    flush();
    expect(asked).toBe(1);
  });

  it.each([
    ["newest first", shape],
    ["in the order that was chosen", byText],
  ])("ends equal to the filtered view whatever comes, held or not, %s (invariant 4)", (_, of) => {
    const row = fc.tuple(
      fc.constantFrom("a", "b", "c", "d", "e"),
      fc.integer({ min: 1, max: 6 }),
      fc.constantFrom("x", "y", "hidden"),
    );
    const step = fc.record({
      up: fc.uniqueArray(row, { maxLength: 4, selector: ([key]) => key }),
      del: fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e"), { maxLength: 2 }),
      held: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        let held = false;
        const { frame, flush, table, follower } = follow([], { isHeld: () => held, shape: of });
        const state = new Map<string, Row>();
        for (const { up, del, held: now } of steps) {
          held = now;
          const gone = del.filter((key) => !up.some(([own]) => own === key));
          for (const key of gone) state.delete(key);
          for (const one of up) state.set(one[0], one);
          frame(up, gone);
          flush();
        }
        follower.release();
        expect(table.rows).toEqual(
          inOrder(
            [...state.values()].filter((one) => one[TEXT] !== "hidden"),
            of,
          ),
        );
      }),
    );
  });
});
