import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { endsBy, nextToGo } from "./expiry";

const DAY = 86_400_000;
const day = (n: number) => `event_date=${new Date(n * DAY).toISOString().slice(0, 10)}`;

describe("the partitions that go by one drop", () => {
  it("are the oldest, with all that should be gone already", () => {
    const days = [20_005, 20_001, 20_003, 20_004, 20_002].map(day);
    expect(nextToGo(days, { all: 20_005 * DAY, last: -Infinity, most: 2 })).toEqual({
      partitions: [day(20_001), day(20_002)],
      before: 20_003 * DAY,
    });
    expect(nextToGo(days, { all: 20_006 * DAY, last: 20_004 * DAY, most: 1 })).toEqual({
      partitions: [day(20_001), day(20_002), day(20_003), day(20_004)],
      before: 20_005 * DAY,
    });
  });

  it("leave none behind that the drop says to have left, and none of a drop says less than one before (invariant 5)", () => {
    const days = fc.uniqueArray(fc.integer({ min: 20_000, max: 20_060 }), { maxLength: 60 });
    const time = fc.integer({ min: 20_000, max: 20_060 });
    fc.assert(
      fc.property(days, time, time, fc.integer({ min: 1, max: 9 }), (live, a, b, most) => {
        const [last, all] = [Math.min(a, b) * DAY, Math.max(a, b) * DAY];
        const { partitions, before } = nextToGo(live.map(day), { all, last, most });
        const rest = live.map(day).filter((one) => !partitions.includes(one));
        expect(rest.some((one) => endsBy(one, before))).toBe(false);
        expect(partitions.every((one) => endsBy(one, before))).toBe(true);
        expect(before).toBeGreaterThanOrEqual(last);
        expect(before).toBeLessThanOrEqual(all);
      }),
    );
  });
});
