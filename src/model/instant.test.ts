import fc from "fast-check";
import { expect, test } from "vitest";
import { instantAt, instantMs, isInstant, nextInstant, timeOf } from "./instant";

const LAST = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const ms = fc.integer({ min: 0, max: LAST });
/** An instant has one after it, but for the last of the year 9999. */
const followed = fc.integer({ min: 0, max: LAST - 1 });

test("an instant is its time in UTC, to the millisecond", () => {
  expect(instantAt(Date.UTC(2026, 10, 21, 9, 5, 7, 42))).toBe("20261121090507042");
  expect(timeOf("20261121090507042")).toBe(Date.UTC(2026, 10, 21, 9, 5, 7, 42));
});

test("instants order as their times do", () => {
  fc.assert(
    fc.property(ms, ms, (a, b) => {
      expect(Math.sign(a - b)).toBe(instantAt(a) < instantAt(b) ? -1 : instantAt(a) > instantAt(b) ? 1 : 0);
      expect(instantMs(instantAt(a))).toBe(a);
    }),
  );
});

test.each([
  "",
  "2026",
  "20261321090507042",
  "20260230000000000",
  "20261121240000000",
  "20261121090507042 ",
  "2026112109050704x",
])("%j is no instant", (text) => {
  expect(isInstant(text)).toBe(false);
  expect(instantMs(text)).toBeNull();
  expect(() => timeOf(text)).toThrow(/Not an instant/);
});

test("the next instant is greater than the last whatever the clock does, and otherwise the clock's", () => {
  fc.assert(
    fc.property(ms, fc.option(followed.map(instantAt), { nil: null }), (now, last) => {
      const next = nextInstant(now, last);
      if (last === null || instantAt(now) > last) expect(next).toBe(instantAt(now));
      else expect(timeOf(next)).toBe(timeOf(last) + 1);
    }),
  );
});
