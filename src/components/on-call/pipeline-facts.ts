/**
 * What the browser must know of every pipeline, listed or not, so that counts and order stay right while frames come and time
 * passes: the row of the view without its runs and without what only other pages show, as short as it can be because a page has
 * hundreds of them.
 */
import type { PipelineSummary } from "~/model/pipeline";

/** Times among them travel as their distance to one moment. */
const TIMES = [
  "lastSuccessAt",
  "lastStartedAt",
  "firstSeenAt",
  "lastHeartbeatAt",
  "dueAt",
  "underWaySince",
  "underWayHeardAt",
] as const;
const OTHERS = [
  "pipelineName",
  "kind",
  "usualDurationMs",
  "nowDurationMs",
  "usualRows",
  "nowRows",
  "usualEveryMs",
  "everySpreadMs",
  "durationSpreadMs",
  "rowsSpread",
  "lagRows",
] as const;

type Told = (typeof TIMES)[number] | (typeof OTHERS)[number];

/** A pipeline as this page knows it. */
export type PipelineFacts = Pick<PipelineSummary, Told>;

/** Far below what any comparison turns on, and most of the digits. */
const rounded = (value: number | null): number | null => (value === null ? null : Math.round(value * 100) / 100);

/** The facts of a pipeline as both sides judge by them. */
export const factsOf = (pipeline: PipelineSummary): PipelineFacts => ({
  ...pipeline,
  everySpreadMs: rounded(pipeline.everySpreadMs),
  durationSpreadMs: rounded(pipeline.durationSpreadMs),
  rowsSpread: rounded(pipeline.rowsSpread),
});

export interface PackedFacts {
  /** Epoch ms that times are told from. */
  from: number;
  rows: (string | number | null)[][];
}

const NAMES: readonly Told[] = [...OTHERS, ...TIMES];
const isTime = (name: Told): boolean => (TIMES as readonly Told[]).includes(name);

export function packFacts(pipelines: readonly PipelineFacts[], from: number): PackedFacts {
  const rows = pipelines.map((pipeline) =>
    NAMES.map((name) => {
      const value = pipeline[name];
      return isTime(name) && value !== null ? (value as number) - from : value;
    }),
  );
  return { from, rows };
}

export function unpackFacts({ from, rows }: PackedFacts): PipelineFacts[] {
  return rows.map((values) => {
    const entries = NAMES.map((name, i) => {
      const value = values[i] ?? null;
      return [name, isTime(name) && value !== null ? (value as number) + from : value];
    });
    return Object.fromEntries(entries) as PipelineFacts;
  });
}
