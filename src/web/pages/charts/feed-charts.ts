/**
 * What happened on a feed over a range of time, as charts: events, failures, the numbers that events carry, and how late they
 * were. From the hot window of one picture; kept with it, so that everybody who looks at the same range shares them.
 */
import { chartId } from "../../../components/chart/chart-id";
import type { ChartSpec, ChartUnit } from "../../../components/chart/chart-spec";
import { barSeries } from "../../../components/chart/series-paint";
import { labelOf } from "../../../components/event-table/shape";
import { toneOf } from "../../../components/ui/tone";
import type { Zone } from "../../../components/ui/time-text";
import type { Feed } from "../../../model/feed";
import type { Filter } from "../../../model/filter";
import { foldRows, TimeFold, type RowFold } from "../../../model/panel-fold";
import { bucketsFor, QuantileFold, type Buckets } from "../../../model/quantile-fold";
import type { Row } from "../../../model/value";

export interface ChartRange {
  /** Epoch ms. */
  from: number;
  to: number;
  /** The instant of the page: what is younger may still come. */
  instant: number;
  /** Event time of the oldest row that is in memory, when older ones were left out. */
  floor: number | null;
  zone: Zone;
  rangeHref: string | null;
}

/** How late a row was: its ordering time until its commit, ms. */
export interface Lag {
  /** Event time, epoch ms. */
  at: number;
  ms: number;
}

const MOST_BUCKETS = 120;
const MOST_NUMBERS = 4;
const MILLISECONDS = /(Ms|Millis|_ms)$/;
const [MIDDLE, UPPER] = [0.5, 0.95];

interface Part {
  folds: RowFold[];
  spec: () => Pick<ChartSpec, "title" | "what" | "unit" | "shape" | "empty">;
}

/** @param rows event time descending @param lags null where they are not known */
export function feedCharts(
  feed: Feed,
  rows: readonly Row[],
  filter: Filter,
  range: ChartRange,
  lags: readonly Lag[] | string,
): ChartSpec[] {
  const chart = bucketsFor(range.from, range.to, MOST_BUCKETS);
  const parts = [
    eventsPart(feed, filter, chart),
    ...failuresPart(feed, filter, chart),
    ...numbersOf(feed).map((field) => numberPart(feed, filter, chart, field)),
  ];
  foldRows(
    feed,
    rows,
    parts.flatMap(({ folds }) => folds),
  );
  const lagged = lagChart(lags, chart);
  return [...parts.map(({ spec }) => spec()), lagged].map((spec) => ({ ...spec, ...common(spec.what, chart, range) }));
}

const common = (what: string, chart: Buckets, { instant, floor, zone, rangeHref }: ChartRange) => ({
  id: chartId(what),
  start: chart.start,
  end: chart.start + chart.buckets * chart.bucketMs,
  // The bucket of the instant is not over, and those after it are still to come.
  provisionalFrom: Math.floor(instant / chart.bucketMs) * chart.bucketMs,
  completeFrom: floor,
  zone,
  rangeHref,
});

function eventsPart(feed: Feed, filter: Filter, chart: Buckets): Part {
  const fold = new TimeFold(feed, filter, feed.status, null, chart);
  return {
    folds: [fold],
    spec: () => ({
      title: "Events",
      what: `Events${feed.status === null ? "" : ` by ${feed.fields[feed.status]!.name}`}`,
      unit: "count",
      empty: "No event in this time.",
      shape: { kind: "bars", ...chart, series: barSeries(fold.read().series, feed.status !== null, "events") },
    }),
  };
}

/** Events with a status that means a failure, by what the feed shows first beside it. */
function failuresPart(feed: Feed, filter: Filter, chart: Buckets): Part[] {
  const { status } = feed;
  const type = status === null ? null : feed.fields[status]!.type;
  const bad = type?.kind === "enum" ? type.symbols.filter((symbol) => toneOf(symbol) === "bad") : [];
  if (status === null || bad.length === 0) return [];
  const by = feed.columns.find(({ index }) => feed.fields[index]!.name === "pipelineName")?.index ?? null;
  const failed = { ...filter, columns: [...filter.columns, { field: status, negated: false, values: bad }] };
  const fold = new TimeFold(feed, failed, by, null, chart);
  return [
    {
      folds: [fold],
      spec: () => ({
        title: "Failures",
        what: `Failures${by === null ? "" : " by pipeline"}`,
        unit: "count",
        empty: "No failure in this time.",
        shape: { kind: "bars", ...chart, series: barSeries(fold.read().series, false, "failures") },
      }),
    },
  ];
}

/** Columns of numbers that events carry, those that the feed shows first. */
function numbersOf(feed: Feed): number[] {
  const numeric = feed.fields.flatMap(({ type }, i) =>
    ["int", "long", "float", "double"].includes(type.kind) && i !== feed.ordering && i !== feed.eventTime ? [i] : [],
  );
  const shown = new Set(feed.columns.map(({ index }) => index));
  return numeric.sort((a, b) => Number(shown.has(b)) - Number(shown.has(a)) || a - b).slice(0, MOST_NUMBERS);
}

function numberPart(feed: Feed, filter: Filter, chart: Buckets, field: number): Part {
  const { name, type } = feed.fields[field]!;
  const label = labelOf(feed, field);
  const isSum = (type.kind === "int" || type.kind === "long") && /count|records|rows|bytes|size/i.test(name);
  if (isSum) {
    const fold = new TimeFold(feed, filter, null, field, chart);
    return {
      folds: [fold],
      spec: () => ({
        title: label,
        what: `${label}: the sum`,
        unit: "count",
        empty: `No event in this time has this: ${label}.`,
        shape: { kind: "bars", ...chart, series: barSeries(fold.read().series, false, label) },
      }),
    };
  }
  const unit: ChartUnit = MILLISECONDS.test(name) ? "ms" : "count";
  const fold = new QuantileFold(feed, filter, chart, (row) => numberIn(row[field]));
  return {
    folds: [fold],
    spec: () => ({
      title: unit === "ms" ? label.replace(/ (ms|millis)$/i, "") : label,
      what: `${label}: median and 95 of 100`,
      unit,
      empty: `No event in this time has this: ${label}.`,
      shape: quantiles((share) => fold.read(share)),
    }),
  };
}

const numberIn = (value: unknown): number | null =>
  typeof value === "number" ? value : typeof value === "string" ? Number(value) : null;

const quantiles = (read: (share: number) => { x: number; y: number }[]) =>
  ({
    kind: "lines",
    series: [
      { name: "median", paint: "s-0", points: read(MIDDLE) },
      { name: "95 of 100", paint: "s-2", points: read(UPPER) },
    ],
  }) as const;

function lagChart(lags: readonly Lag[] | string, chart: Buckets) {
  const about = { title: "Lag", what: "Lag: from an event's update to its commit", unit: "ms" } as const;
  if (typeof lags === "string") return { ...about, empty: lags, shape: quantiles(() => []) };
  const values = new Map<number, number[]>();
  for (const { at, ms } of lags) {
    const bucket = Math.floor((at - chart.start) / chart.bucketMs);
    const known = values.get(bucket);
    if (known) known.push(ms);
    else values.set(bucket, [ms]);
  }
  const read = (share: number) =>
    [...values]
      .sort(([a], [b]) => a - b)
      .map(([bucket, of]) => ({
        x: chart.start + (bucket + 0.5) * chart.bucketMs,
        y: of.sort((a, b) => a - b)[Math.max(0, Math.ceil(of.length * share) - 1)]!,
      }));
  return { ...about, empty: "No event in this time.", shape: quantiles(read) };
}
