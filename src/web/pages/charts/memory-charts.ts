/**
 * What lies behind the hot window, from the hours that are kept of it: whole runs of pipelines by the hour in which they began.
 * Runs and not events: what an hour keeps is what became of them.
 */
import { chartId } from "../../../components/chart/chart-id";
import type { BarSeries, ChartSpec } from "../../../components/chart/chart-spec";
import type { Zone } from "../../../components/ui/time-text";
import type { Feed } from "../../../model/feed";
import type { Filter } from "../../../model/filter";
import { HOUR_MS, type PipelineHour } from "../../../model/hours/pipeline-hour";
import { mergeSketches, quantileOf } from "../../../model/hours/sketch";
import { bucketsFor, type Buckets } from "../../../model/quantile-fold";

const MOST_BUCKETS = 120;
const STATES = [
  { name: "completed", paint: "ok" },
  { name: "failed", paint: "bad" },
  { name: "retrying", paint: "wait" },
  { name: "running", paint: "run" },
] as const;

/** Whole buckets of one hour or more. */
function hourBuckets(from: number, to: number): Buckets {
  const found = bucketsFor(from, to, MOST_BUCKETS);
  if (found.bucketMs >= HOUR_MS) return found;
  const start = Math.floor(from / HOUR_MS) * HOUR_MS;
  return { start, bucketMs: HOUR_MS, buckets: Math.max(1, Math.ceil((to - start) / HOUR_MS)) };
}

/** Null when the filter asks for more than hours know: they have the names of pipelines and nothing else of it. */
export function memoryFilter(feed: Feed, { text, columns }: Filter): ((hour: PipelineHour) => boolean) | null {
  if (text !== null || columns.some(({ field }) => feed.fields[field]!.name !== "pipelineName")) return null;
  return ({ pipelineName }) => columns.every(({ values, negated }) => values.includes(pipelineName) !== negated);
}

export interface MemoryRange {
  from: number;
  to: number;
  zone: Zone;
  rangeHref: string | null;
}

/** @param runs hours of whole runs, in any order */
export function memoryCharts(
  runs: Iterable<PipelineHour>,
  isWanted: (hour: PipelineHour) => boolean,
  { from, to, zone, rangeHref }: MemoryRange,
): ChartSpec[] {
  const chart = hourBuckets(from, to);
  const end = chart.start + chart.buckets * chart.bucketMs;
  const hours = [...runs].filter((hour) => hour.hour >= chart.start && hour.hour < end && isWanted(hour));
  const bucketOf = ({ hour }: PipelineHour) => Math.floor((hour - chart.start) / chart.bucketMs);
  const sum = (count: (hour: PipelineHour) => number): number[] => {
    const values = new Array<number>(chart.buckets).fill(0);
    for (const hour of hours) values[bucketOf(hour)]! += count(hour);
    return values;
  };
  const open = hours.filter(({ state }) => state === "PROVISIONAL").map(({ hour }) => hour);
  const common = {
    start: chart.start,
    end,
    provisionalFrom: open.length === 0 ? null : Math.min(...open),
    completeFrom: null,
    empty: "No run of this time is remembered.",
    zone,
    rangeHref,
  };
  const bars = (series: readonly BarSeries[]) => ({ kind: "bars", ...chart, series }) as const;
  const states = STATES.map(({ name, paint }) => ({ name, paint, values: sum((hour) => hour[name]) }));
  const rows = sum(({ rowsOut }) => Number(rowsOut ?? 0));
  return [
    {
      ...common,
      ...about("Runs", "Runs of pipelines by the hour in which they began"),
      unit: "count",
      shape: bars(states),
    },
    {
      ...common,
      ...about("Rows out of runs", "Records that left the runs of an hour"),
      unit: "count",
      shape: bars([{ name: "rows", paint: "s-0", values: rows }]),
    },
    { ...common, ...about("Duration of runs", "Duration of completed runs by hour"), unit: "ms", shape: durations(hours, chart, bucketOf) }, // prettier-ignore
  ];
}

const about = (title: string, what: string) => ({ id: chartId(`memory ${what}`), title, what });

function durations(hours: readonly PipelineHour[], chart: Buckets, bucketOf: (hour: PipelineHour) => number) {
  const sketches = new Map<number, PipelineHour["durations"][]>();
  for (const hour of hours) {
    const known = sketches.get(bucketOf(hour));
    if (known) known.push(hour.durations);
    else sketches.set(bucketOf(hour), [hour.durations]);
  }
  const merged = [...sketches].map(([bucket, of]) => [bucket, mergeSketches(of)] as const).sort(([a], [b]) => a - b);
  const line = (name: string, paint: string, share: number) => ({
    name,
    paint,
    points: merged.flatMap(([bucket, sketch]) => {
      const y = quantileOf(sketch, share);
      return y === null ? [] : [{ x: chart.start + (bucket + 0.5) * chart.bucketMs, y }];
    }),
  });
  return { kind: "lines", series: [line("median", "s-0", 0.5), line("95 of 100", "s-2", 0.95)] } as const;
}
