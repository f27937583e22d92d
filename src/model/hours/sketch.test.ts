import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ACCURACY, countOf, EMPTY_SKETCH, mergeSketches, quantileOf, sketchOf } from "./sketch";

const values = fc.array(fc.integer({ min: 0, max: 5_000_000_000 }), { maxLength: 60 });

describe("a sketch", () => {
  it("is the same in whatever order and in whatever parts its numbers come", () => {
    fc.assert(
      fc.property(values, values, (a, b) => {
        const whole = sketchOf([...a, ...b]);
        expect(mergeSketches([sketchOf(b), sketchOf(a), EMPTY_SKETCH])).toEqual(whole);
        expect(sketchOf([...b, ...a].reverse())).toEqual(whole);
        expect(countOf(whole)).toBe(a.length + b.length);
      }),
    );
  });

  it("tells every quantile within its accuracy", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5_000_000_000 }), { minLength: 1, maxLength: 60 }), (all) => {
        const sorted = [...all].sort((a, b) => a - b);
        for (const share of [0, 0.25, 0.5, 0.75, 1]) {
          const exact = sorted[Math.floor(share * (sorted.length - 1))]!;
          const told = quantileOf(sketchOf(all), share)!;
          expect(Math.abs(told - exact)).toBeLessThanOrEqual(exact * ACCURACY * 1.000_001);
        }
      }),
    );
    expect(quantileOf(EMPTY_SKETCH, 0.5)).toBeNull();
  });
});
