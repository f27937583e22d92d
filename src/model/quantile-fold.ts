/** The middle and the upper end of a number over time, per bucket. */
import type { Feed } from "./feed";
import { matcher, type Filter } from "./filter";
import type { Point } from "./downsample";
import type { RowFold } from "./panel-fold";
import { ascending, percentile } from "./table-health/check";
import type { Row } from "./value";

export interface Buckets {
  /** Epoch ms. */
  start: number;
  bucketMs: number;
  buckets: number;
}

export class QuantileFold implements RowFold {
  readonly from: number;
  readonly to: number;
  readonly #values = new Map<number, number[]>();
  readonly #matches: (row: Row) => boolean;

  /** @param valueOf null where a row has none */
  constructor(
    private readonly feed: Feed,
    filter: Filter,
    private readonly chart: Buckets,
    private readonly valueOf: (row: Row) => number | null,
  ) {
    this.from = chart.start;
    this.to = chart.start + chart.buckets * chart.bucketMs;
    this.#matches = matcher(feed, { ...filter, from: null, to: null });
  }

  take(row: Row): void {
    if (!this.#matches(row)) return;
    const value = this.valueOf(row);
    if (value === null || !Number.isFinite(value)) return;
    const bucket = Math.floor(((row[this.feed.eventTime] as number) - this.chart.start) / this.chart.bucketMs);
    const known = this.#values.get(bucket);
    if (known) known.push(value);
    else this.#values.set(bucket, [value]);
  }

  /** In the middle of each bucket that has a value. */
  read(share: number): Point[] {
    const { start, bucketMs } = this.chart;
    return [...this.#values]
      .sort(([a], [b]) => a - b)
      .map(([bucket, values]) => ({
        x: start + (bucket + 0.5) * bucketMs,
        y: percentile(ascending(values), share)!,
      }));
  }
}

const STEPS_MS = [
  1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000,
  7_200_000, 14_400_000, 28_800_000, 86_400_000, 604_800_000,
];

/** Whole buckets of the clock that cover a time, at most so many, of the shortest round length that fits. */
export function bucketsFor(from: number, to: number, most: number): Buckets {
  const width = Math.max(1, to - from);
  const bucketMs = STEPS_MS.find((ms) => width / ms <= most) ?? Math.ceil(width / most / 86_400_000) * 86_400_000;
  const start = Math.floor(from / bucketMs) * bucketMs;
  return { start, bucketMs, buckets: Math.max(1, Math.ceil((to - start) / bucketMs)) };
}
