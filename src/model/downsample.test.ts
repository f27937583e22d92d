import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { downsample, type Point } from "./downsample";

const series = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: -1_000, max: 1_000 })), { maxLength: 400 })
  .map((pairs) => pairs.map(([x, y]) => ({ x, y })).sort((a, b) => a.x - b.x));

/** What a line through the points leaves in each column: where it enters, its extent, and where it leaves. */
function picture(points: readonly Point[], columns: number): Map<number, [number, number, number, number]> {
  const found = new Map<number, [number, number, number, number]>();
  for (const { x, y } of points) {
    const column = Math.min(columns - 1, Math.floor((x / 10_000) * columns));
    const known = found.get(column);
    if (known === undefined) found.set(column, [y, y, y, y]);
    else found.set(column, [known[0], Math.min(known[1], y), Math.max(known[2], y), y]);
  }
  return found;
}

describe("a series cut down to pixels", () => {
  it("draws the same pixels as the whole of it", () => {
    fc.assert(
      fc.property(series, fc.integer({ min: 1, max: 100 }), (points, columns) => {
        const kept = downsample(points, 0, 10_000, columns);
        expect(picture(kept, columns)).toEqual(picture(points, columns));
      }),
    );
  });

  it("has at most four points a column, all of them from the series and in its order", () => {
    fc.assert(
      fc.property(series, fc.integer({ min: 1, max: 100 }), (points, columns) => {
        const kept = downsample(points, 0, 10_000, columns);
        expect(kept.length).toBeLessThanOrEqual(columns * 4);
        let from = 0;
        for (const point of kept) {
          from = points.indexOf(point, from) + 1;
          expect(from).toBeGreaterThan(0);
        }
      }),
    );
  });

  it("keeps a single outlier among a hundred thousand values", () => {
    const points = Array.from({ length: 100_000 }, (_, i) => ({ x: i, y: i === 77_777 ? 9_000 : i % 7 }));
    const kept = downsample(points, 0, 100_000, 600);
    expect(kept.length).toBeLessThanOrEqual(2_400);
    expect(kept).toContainEqual({ x: 77_777, y: 9_000 });
  });

  it("of nothing is nothing, and leaves out what is not in the time", () => {
    expect(downsample([], 0, 10, 5)).toEqual([]);
    expect(
      downsample(
        [
          { x: -1, y: 1 },
          { x: 5, y: 2 },
          { x: 11, y: 3 },
        ],
        0,
        10,
        5,
      ),
    ).toEqual([{ x: 5, y: 2 }]);
    expect(downsample([{ x: 5, y: 2 }], 5, 5, 5)).toEqual([{ x: 5, y: 2 }]);
  });
});
