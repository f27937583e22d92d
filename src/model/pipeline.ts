/** Pipelines: what the runs of one pipeline within the hot window say about its health. */
import type { Count } from "./attempt";
import type { Run, RunState } from "./batch";
import { compareText } from "./value";

/** How many of the newest runs are listed and give what is usual. */
const RECENT = 30;

export type PipelineState = "failing" | "retrying" | "running" | "ok";

export interface RecentRun {
  correlationId: string;
  state: RunState;
  startedAt: number;
  durationMs: number | null;
  rows: Count | null;
}

export interface PipelineSummary {
  pipelineName: string;
  state: PipelineState;
  /** The last 30 batches, newest first. */
  recent: readonly RecentRun[];
  /** Runs in the hot window, and how many of them are in each state. */
  runs: number;
  running: number;
  retrying: number;
  failed: number;
  completed: number;
  /** Median of the completed among the recent runs before the newest one that ended; null while there is none. */
  usualDurationMs: number | null;
  /** Of the newest run that ended. */
  nowDurationMs: number | null;
  usualRows: number | null;
  nowRows: Count | null;
  lastSuccessAt: number | null;
  lastStartedAt: number;
}

/** Order of runs: newest start first. */
export const compareRuns = (a: Run, b: Run): number =>
  b.startedAt - a.startedAt || compareText(a.correlationId, b.correlationId);

/** A pipeline while it is being kept. */
export interface PipelineGroup {
  /** In the order of `compareRuns`. */
  runs: Run[];
  counts: Record<RunState, number>;
  /** When its completed runs ended, ascending. */
  successes: number[];
}

export const emptyPipeline = (): PipelineGroup => ({
  runs: [],
  counts: { running: 0, retrying: 0, failed: 0, completed: 0 },
  successes: [],
});

/** @param group at least one run */
export function summarisePipeline(pipelineName: string, { runs, counts, successes }: PipelineGroup): PipelineSummary {
  const recent = runs.slice(0, RECENT);
  const newestEnded = recent.find(({ endedAt }) => endedAt !== null);
  const before = recent.filter((run) => run !== newestEnded && run.state === "completed");
  return {
    pipelineName,
    state: stateOf(runs),
    recent: recent.map(recentOf),
    runs: runs.length,
    ...counts,
    usualDurationMs: median(before.map(durationOf)),
    nowDurationMs: newestEnded ? durationOf(newestEnded) : null,
    usualRows: median(before.map(({ rowsOut }) => (rowsOut === null ? null : Number(rowsOut)))),
    nowRows: newestEnded?.rowsOut ?? null,
    lastSuccessAt: successes.at(-1) ?? null,
    lastStartedAt: runs[0]!.startedAt,
  };
}

/** The same object for the same run: comparing two summaries is then mostly comparing references. */
const recentRuns = new WeakMap<Run, RecentRun>();

function recentOf(run: Run): RecentRun {
  let recent = recentRuns.get(run);
  if (!recent) {
    const { correlationId, state, startedAt, rowsOut } = run;
    recent = { correlationId, state, startedAt, durationMs: durationOf(run), rows: rowsOut };
    recentRuns.set(run, recent);
  }
  return recent;
}

const durationOf = (run: Run): number | null => (run.endedAt === null ? null : run.endedAt - run.startedAt);

/** A pipeline that failed stays failing while its next run is only under way. */
function stateOf(runs: readonly Run[]): PipelineState {
  const newest = runs[0]!;
  if (newest.state === "retrying") return "retrying";
  const ended = runs.find(({ state }) => state === "failed" || state === "completed");
  if (ended?.state === "failed") return "failing";
  return newest.state === "running" ? "running" : "ok";
}

function median(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  if (known.length === 0) return null;
  const middle = known.length >>> 1;
  return known.length % 2 === 1 ? known[middle]! : (known[middle - 1]! + known[middle]!) / 2;
}
