/** The line of time as an SVG path: pure, so that what is drawn can be tested. */

/** Height of one half of the picture: commits stand on the middle line, failures hang from it. */
export const HALF = 16;

/**
 * Bars of a series, one unit wide each; neighbours of one height are one shape. What is there at all is at least one unit high.
 *
 * @param direction `up` from the middle line, or `down`
 */
export function barsPath(counts: readonly number[], direction: "up" | "down"): string {
  const most = Math.max(...counts, 1);
  const heights = counts.map((count) => (count === 0 ? 0 : Math.max(1, Math.round((count / most) * (HALF - 1)))));
  const sign = direction === "up" ? "-" : "";
  const back = direction === "up" ? "" : "-";
  let path = "";
  for (let i = 0; i < heights.length;) {
    const height = heights[i]!;
    let next = i + 1;
    while (heights[next] === height) next++;
    if (height > 0) path += `M${i} ${HALF}v${sign}${height}h${next - i}v${back}${height}z`;
    i = next;
  }
  return path;
}

export const sumOf = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);
