/**
 * Pipelines: what the runs of one pipeline within the hot window say of it, beside what is usual. Facts only: what they mean at
 * some moment is told by `healthOf` in src/model/pipeline-health.ts.
 */
import type { Count } from "./attempt";
import type { Run, RunState } from "./batch";
import type { Figure, FigureSource, Usual } from "./usual/usual";
import { compareText } from "./value";

/** How many of the newest runs are listed and give what is usual. */
export const RECENT = 30;

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
  /** From the memory; before that, of the completed among the recent runs before the newest one that ended. Null = neither. */
  usualDurationMs: number | null;
  /** Of the newest run that ended. */
  nowDurationMs: number | null;
  usualRows: number | null;
  nowRows: Count | null;
  lastSuccessAt: number | null;
  lastStartedAt: number;
  /** A stream is a pipeline without end: it lives while it is heard of, see `isStream`. */
  kind: PipelineKind;
  /** When it was first heard of, in the memory or in the window, epoch ms. */
  firstSeenAt: number;
  /** The newest sign of life of its recent runs. */
  lastHeartbeatAt: number;
  /** From a start to the next one. */
  usualEveryMs: number | null;
  everySpreadMs: number | null;
  /** Which hours that is taken from. */
  usualEveryOf: FigureSource | null;
  /** When its next run usually starts; null while nothing is usual. */
  dueAt: number | null;
  durationSpreadMs: number | null;
  rowsSpread: number | null;
  /** Of its runs under way that are newer than the newest one that ended, the one not heard of for longest. */
  underWaySince: number | null;
  underWayHeardAt: number | null;
  /** Records that the newest run has still to process, where its publisher tells both counts. */
  lagRows: number | null;
}

export type PipelineKind = "batch" | "stream";

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

/** What runs come to that nobody lists. */
export interface RunTally {
  /** At least one run. */
  counts: Readonly<Record<RunState, number>>;
  lastSuccessAt: number | null;
  firstStartedAt: number;
  /** The longest time, ms, from the start of one of them to when it was last told of. */
  longestHeardMs: number;
}

export const emptyPipeline = (): PipelineGroup => ({
  runs: [],
  counts: { running: 0, retrying: 0, failed: 0, completed: 0 },
  successes: [],
});

/**
 * @param group at least one run
 * @param others runs beside these. They are neither among the newest nor is the newest that ended.
 */
export function summarisePipeline(
  pipelineName: string,
  { runs, counts: own, successes }: PipelineGroup,
  usual: Usual,
  others: RunTally | null = null,
): PipelineSummary {
  const counts = others === null ? own : sumOf(own, others.counts);
  const recent = runs.slice(0, RECENT);
  const newest = recent[0]!;
  const newestEnded = recent.find(({ endedAt }) => endedAt !== null);
  const before = recent.filter((run) => run !== newestEnded && run.state === "completed");
  const cadence = usual.of(pipelineName, newest.startedAt);
  const size = usual.of(pipelineName, (newestEnded ?? newest).startedAt);
  const duration = size?.duration ?? figureOf(before.map(durationOf));
  const rows = size?.rows ?? figureOf(before.map(({ rowsOut }) => (rowsOut === null ? null : Number(rowsOut))));
  const every = cadence?.every ?? null;
  const kind = isStream(runs, counts, duration, others) ? "stream" : "batch";
  const silent = longestSilent(recent, newestEnded);
  return {
    pipelineName,
    state: stateOf(runs),
    recent: recent.map(recentOf),
    runs: runs.length + (others === null ? 0 : totalOf(others.counts)),
    ...counts,
    usualDurationMs: duration?.median ?? null,
    nowDurationMs: newestEnded ? durationOf(newestEnded) : null,
    usualRows: rows?.median ?? null,
    nowRows: newestEnded?.rowsOut ?? null,
    lastSuccessAt: latest(successes.at(-1) ?? null, others?.lastSuccessAt ?? null),
    lastStartedAt: newest.startedAt,
    kind,
    firstSeenAt: Math.min(cadence?.firstSeenAt ?? Infinity, runs.at(-1)!.startedAt, others?.firstStartedAt ?? Infinity),
    lastHeartbeatAt: recent.reduce((last, { heardAt }) => Math.max(last, heardAt), -Infinity),
    usualEveryMs: every?.median ?? null,
    everySpreadMs: every?.spread ?? null,
    usualEveryOf: every && cadence!.everySource,
    dueAt: every === null || kind === "stream" ? null : newest.startedAt + Math.round(every.median),
    durationSpreadMs: duration?.spread ?? null,
    rowsSpread: rows?.spread ?? null,
    underWaySince: silent?.startedAt ?? null,
    underWayHeardAt: silent?.heardAt ?? null,
    lagRows: lagOf(newest),
  };
}

/** A run that goes on for so long, and longer than ten usual ones, is no batch. */
const STREAM_AFTER_MS = 6 * 3_600_000;
const STREAM_AFTER_RUNS = 10;

/**
 * Whether a pipeline is one without end, by what it does: it has completed nothing (within the window), and a run of it was
 * still told of six hours after its start, and ten times as long after it as runs usually take. A batch that hangs is told of no
 * more; a long one completes.
 */
function isStream(
  runs: readonly Run[],
  counts: Readonly<Record<RunState, number>>,
  usual: Figure | null,
  others: RunTally | null,
): boolean {
  if (counts.completed > 0) return false;
  const least = Math.max(STREAM_AFTER_MS, STREAM_AFTER_RUNS * (usual?.median ?? 0));
  if (others !== null && others.longestHeardMs >= least) return true;
  return runs.some(({ startedAt, heardAt }) => heardAt - startedAt >= least);
}

const sumOf = (a: Readonly<Record<RunState, number>>, b: Readonly<Record<RunState, number>>) => ({
  running: a.running + b.running,
  retrying: a.retrying + b.retrying,
  failed: a.failed + b.failed,
  completed: a.completed + b.completed,
});

const totalOf = ({ running, retrying, failed, completed }: Readonly<Record<RunState, number>>): number =>
  running + retrying + failed + completed;

const latest = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? (a ?? b) : Math.max(a, b);

/** What was under way before the newest run that ended is told by that run, whatever became of it. */
function longestSilent(recent: readonly Run[], newestEnded: Run | undefined): Run | null {
  let silent: Run | null = null;
  for (const run of recent) {
    if (run === newestEnded) break;
    if (run.endedAt === null && (silent === null || run.heardAt < silent.heardAt)) silent = run;
  }
  return silent;
}

function lagOf({ rowsIn, rowsOut, endedAt }: Run): number | null {
  if (endedAt !== null || rowsIn === null || rowsOut === null) return null;
  return Math.max(0, Number(rowsIn) - Number(rowsOut));
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

/** Of few values; null of none. */
function figureOf(values: readonly (number | null)[]): Figure | null {
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  if (known.length === 0) return null;
  const middle = known.length >>> 1;
  const median = known.length % 2 === 1 ? known[middle]! : (known[middle - 1]! + known[middle]!) / 2;
  const quartile = (share: number) => known[Math.round(share * (known.length - 1))]!;
  return { median, spread: (quartile(0.75) - quartile(0.25)) / QUARTILES_PER_SPREAD };
}

/** How many standard deviations lie between the quartiles of a normal distribution. */
export const QUARTILES_PER_SPREAD = 1.349;
