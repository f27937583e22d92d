/** Searching in ascending lists. */

export const compareNumbers = (a: number, b: number): number => a - b;

/** Index of the first item that is not smaller. */
export function lowerBound<T>(sorted: readonly T[], item: T, compare: (a: T, b: T) => number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(sorted[middle]!, item) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first number that is greater, of whole ones; null when there is none. */
export const firstAfter = (sorted: readonly number[], time: number): number | null =>
  sorted[lowerBound(sorted, time + 1, compareNumbers)] ?? null;
