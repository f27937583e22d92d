/**
 * A mergeable summary of non-negative numbers: a histogram with logarithmic buckets, so that every quantile is right within
 * `ACCURACY` of its value whatever was merged in whatever order (DDSketch, Masson, Rim and Lee, VLDB 2019; the sparse store
 * without collapsing). Counts are exact: adding and merging commute, and the same numbers always give the same sketch.
 *
 * It lies in the lake as one array of longs, `[bucket, count, bucket, count, …]` with the buckets ascending, which any engine can
 * read and add up. (The published libraries keep theirs in a binary form of their own.)
 */
export type Sketch = readonly number[];

export const EMPTY_SKETCH: Sketch = [];

/** Relative error of a quantile. */
export const ACCURACY = 0.01;
const GAMMA = (1 + ACCURACY) / (1 - ACCURACY);
const LOG_GAMMA = Math.log(GAMMA);
/** Bucket of what is less than one: times and counts are whole. */
const ZERO = -1;

const bucketOf = (value: number): number => (value < 1 ? ZERO : Math.ceil(Math.log(value) / LOG_GAMMA));

/** The value that is nearest to all of a bucket. */
const middleOf = (bucket: number): number => (bucket === ZERO ? 0 : (2 * GAMMA ** bucket) / (GAMMA + 1));

/** @param values none of them negative */
export function sketchOf(values: Iterable<number>): Sketch {
  const counts = new Map<number, number>();
  for (const value of values) add(counts, bucketOf(value), 1);
  return flat(counts);
}

export function mergeSketches(sketches: Iterable<Sketch>): Sketch {
  const counts = new Map<number, number>();
  for (const sketch of sketches) for (let i = 0; i < sketch.length; i += 2) add(counts, sketch[i]!, sketch[i + 1]!);
  return flat(counts);
}

export function countOf(sketch: Sketch): number {
  let count = 0;
  for (let i = 1; i < sketch.length; i += 2) count += sketch[i]!;
  return count;
}

/** @param share 0 to 1; null of nothing */
export function quantileOf(sketch: Sketch, share: number): number | null {
  let left = share * (countOf(sketch) - 1);
  for (let i = 0; i < sketch.length; i += 2) {
    left -= sketch[i + 1]!;
    if (left < 0) return middleOf(sketch[i]!);
  }
  return null;
}

const add = (counts: Map<number, number>, bucket: number, count: number) =>
  counts.set(bucket, (counts.get(bucket) ?? 0) + count);

const flat = (counts: ReadonlyMap<number, number>): Sketch => [...counts].sort(([a], [b]) => a - b).flat();
