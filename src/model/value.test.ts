import fc from "fast-check";
import { expect, test } from "vitest";
import { compareLongs, compareText, doubleToWire, longToWire, sameValue, type WireValue } from "./value";

const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

test("longs keep their digits in wire form: a number while it is exact, a decimal string beyond", () => {
  expect(longToWire(2n ** 53n - 1n)).toBe(9_007_199_254_740_991);
  expect(longToWire(2n ** 53n)).toBe("9007199254740992");
  expect(longToWire(-(2n ** 53n))).toBe("-9007199254740992");
  fc.assert(
    fc.property(long, (n) => {
      expect(BigInt(longToWire(n))).toBe(n);
    }),
  );
});

test("longs compare by all their digits, null first", () => {
  fc.assert(
    fc.property(long, long, (a, b) => {
      expect(Math.sign(compareLongs(longToWire(a), longToWire(b)))).toBe(a < b ? -1 : a > b ? 1 : 0);
    }),
  );
  expect(compareLongs(null, 0)).toBe(-1);
  expect(compareLongs("9007199254740993", null)).toBe(1);
  expect(compareLongs(null, null)).toBe(0);
});

test("doubles that JSON does not have are words", () => {
  expect([NaN, Infinity, -Infinity, 0.5].map(doubleToWire)).toEqual(["NaN", "Infinity", "-Infinity", 0.5]);
});

test("text compares by code unit, never by locale", () => {
  expect(["b", "a", "B", "ä", "\u{1f600}", "\uffff"].sort(compareText)).toEqual([
    "B",
    "a",
    "b",
    "ä",
    "\u{1f600}",
    "\uffff",
  ]);
});

test("values are the same when all their parts are, map entries in any order", () => {
  const value = fc.letrec<{ value: WireValue }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom(null, true, 0, 1, "", "a"),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom("a", "b", "c"), tie("value"), { noNullPrototype: true }),
    ),
  })).value;
  fc.assert(
    fc.property(value, (a) => {
      expect(sameValue(a, JSON.parse(JSON.stringify(a)) as WireValue)).toBe(true);
    }),
  );
  fc.assert(
    fc.property(value, value, (a, b) => {
      const sorted = (v: WireValue): string =>
        JSON.stringify(v, (_, x: unknown) =>
          x && typeof x === "object" && !Array.isArray(x) ? Object.fromEntries(Object.entries(x).sort()) : x,
        );
      expect(sameValue(a, b)).toBe(sorted(a) === sorted(b));
      expect(sameValue(b, a)).toBe(sameValue(a, b));
    }),
  );
  expect(sameValue({ toString: 1 }, { a: 1 })).toBe(false);
  expect(sameValue([], {})).toBe(false);
});
