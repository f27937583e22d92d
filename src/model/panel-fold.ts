/**
 * What panels tell of the rows of a feed: counts by status, sums over time. Rows are visited once for all panels, in blocks
 * that stay in the processor's cache while each fold takes its turn: a hundred thousand rows are scattered over memory, and
 * fetching them is most of the work.
 */
import { SPANS, type Span } from "./dashboard";
import { eventTimeOf, type Feed } from "./feed";
import { matcher, type Filter } from "./filter";
import type { Row } from "./value";

/** Takes the rows of `[from, to)` of event time, newest first. */
export interface RowFold {
  /** Epoch ms; null = open. */
  from: number | null;
  to: number | null;
  take(row: Row): void;
}

const BLOCK_ROWS = 512;

/** @param rows event time descending */
export function foldRows(feed: Feed, rows: readonly Row[], folds: readonly RowFold[]): void {
  const ranges = folds.map((fold) => ({
    fold,
    first: fold.to === null ? 0 : firstBefore(feed, rows, fold.to),
    end: fold.from === null ? rows.length : firstBefore(feed, rows, fold.from),
  }));
  const end = Math.max(0, ...ranges.map((range) => range.end));
  for (let block = 0; block < end; block += BLOCK_ROWS)
    for (const range of ranges) {
      const until = Math.min(block + BLOCK_ROWS, range.end);
      for (let i = Math.max(block, range.first); i < until; i++) range.fold.take(rows[i]!);
    }
}

/** Index of the first row with an event time before this. */
function firstBefore(feed: Feed, rows: readonly Row[], time: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (eventTimeOf(feed, rows[middle]!) >= time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Null where every row in the range of time matches. */
function predicate(feed: Feed, filter: Filter): ((row: Row) => boolean) | null {
  if (filter.text === null && filter.columns.length === 0) return null;
  return matcher(feed, { ...filter, from: null, to: null });
}

/** Rows per status. */
export class CountFold implements RowFold {
  readonly from: number | null;
  readonly to: number | null;
  readonly counts = new Map<string, number>();
  readonly #status: number;
  readonly #matches: ((row: Row) => boolean) | null;

  /** @param feed one with a status field */
  constructor(feed: Feed, filter: Filter) {
    this.from = filter.from;
    this.to = filter.to;
    this.#status = feed.status!;
    this.#matches = predicate(feed, filter);
  }

  take(row: Row): void {
    if (this.#matches !== null && !this.#matches(row)) return;
    const status = row[this.#status] as string;
    this.counts.set(status, (this.counts.get(status) ?? 0) + 1);
  }
}

export interface Series {
  /** The value that its rows have; null = those of no value; "other" is told by `isRest`. */
  label: string | null;
  isRest: boolean;
  values: readonly number[];
  total: number;
}

export interface TimeChart {
  /** Epoch ms of the first bucket. */
  start: number;
  bucketMs: number;
  buckets: number;
  /** Greatest total first; the rest of them last. */
  series: readonly Series[];
}

const MOST_SERIES = 6;
/** Values beyond this many go straight to the rest. */
const MOST_VALUES = 2_000;

/** The buckets of a span that ends at an instant: whole ones of the clock, the last one not over yet. */
export function bucketsOf(span: Span, instantMs: number): { start: number; bucketMs: number; buckets: number } {
  const { ms, bucketMs } = SPANS[span];
  const end = Math.floor(instantMs / bucketMs) * bucketMs + bucketMs;
  return { start: end - ms, bucketMs, buckets: ms / bucketMs };
}

/** Rows, or the sum of a number in them, per bucket of time and value of a column. */
export class TimeFold implements RowFold {
  readonly from: number;
  readonly to: number;
  readonly #chart: { start: number; bucketMs: number; buckets: number };
  readonly #time: number;
  readonly #matches: ((row: Row) => boolean) | null;
  readonly #series = new Map<string | null, Float64Array>();
  readonly #rest: Float64Array;

  /** @param by @param sum indexes of columns; null = one series, a count of rows */
  constructor(
    feed: Feed,
    filter: Filter,
    private readonly by: number | null,
    private readonly sum: number | null,
    chart: { start: number; bucketMs: number; buckets: number },
  ) {
    this.#chart = chart;
    this.from = chart.start;
    this.to = chart.start + chart.bucketMs * chart.buckets;
    this.#time = feed.eventTime;
    this.#matches = predicate(feed, filter);
    this.#rest = new Float64Array(chart.buckets);
  }

  take(row: Row): void {
    if (this.#matches !== null && !this.#matches(row)) return;
    let amount = 1;
    if (this.sum !== null) {
      const value = row[this.sum];
      // Longs beyond 2^53 travel as text: a chart does with the nearest number. "NaN" and infinities have no place in it.
      amount = typeof value === "number" ? value : typeof value === "string" ? Number(value) : 0;
      if (amount === 0 || !Number.isFinite(amount)) return;
    }
    const { start, bucketMs } = this.#chart;
    const bucket = Math.floor(((row[this.#time] as number) - start) / bucketMs);
    const label = this.by === null ? null : (row[this.by] as string | null);
    this.#of(label)[bucket]! += amount;
  }

  #of(label: string | null): Float64Array {
    const known = this.#series.get(label);
    if (known) return known;
    if (this.#series.size >= MOST_VALUES) return this.#rest;
    const made = new Float64Array(this.#chart.buckets);
    this.#series.set(label, made);
    return made;
  }

  read(): TimeChart {
    const all = [...this.#series].map(([label, values]) => ({
      label,
      isRest: false,
      values: [...values],
      total: sumOf(values),
    }));
    all.sort((a, b) => Math.abs(b.total) - Math.abs(a.total) || ((a.label ?? "") < (b.label ?? "") ? -1 : 1));
    const rest = [...this.#rest];
    for (const { values } of all.slice(MOST_SERIES)) for (const [i, value] of values.entries()) rest[i]! += value;
    const series: Series[] = all.slice(0, MOST_SERIES);
    if (rest.some((value) => value !== 0)) series.push({ label: null, isRest: true, values: rest, total: sumOf(rest) });
    return { ...this.#chart, series };
  }
}

function sumOf(values: Iterable<number>): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
