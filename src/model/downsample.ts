/**
 * Series cut down to the pixels that exist, without changing the picture: of each column of pixels the first, the least, the
 * greatest and the last value stay (M4), so that a line drawn through them covers the same pixels as one through all values.
 * What is drawn here is looked at for its outliers; methods that keep the look of a curve may drop those
 * (docs/decisions/2026-11-22-charts-keep-first-least-greatest-last.md).
 */
export interface Point {
  /** Epoch ms. */
  x: number;
  y: number;
}

/**
 * @param points ascending by x; those outside `[start, end]` are left out
 * @param columns pixels, at least 1
 * @returns at most four points per column, ascending by x
 */
export function downsample(points: readonly Point[], start: number, end: number, columns: number): Point[] {
  const width = end - start;
  const kept: Point[] = [];
  let column = -1;
  let of: Point[] = [];
  for (const point of points) {
    if (point.x < start || point.x > end) continue;
    const its = width <= 0 ? 0 : Math.min(columns - 1, Math.floor(((point.x - start) / width) * columns));
    if (its !== column) {
      kept.push(...extremes(of));
      of = [];
      column = its;
    }
    of.push(point);
  }
  kept.push(...extremes(of));
  return kept;
}

/** First, least, greatest and last in their order, each once. */
function extremes(points: readonly Point[]): Point[] {
  if (points.length <= 2) return [...points];
  let [least, greatest] = [0, 0];
  for (const [i, { y }] of points.entries()) {
    if (y < points[least]!.y) least = i;
    if (y > points[greatest]!.y) greatest = i;
  }
  const wanted = [...new Set([0, least, greatest, points.length - 1])].sort((a, b) => a - b);
  return wanted.map((i) => points[i]!);
}
