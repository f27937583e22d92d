/** Batches: all attempts that share a correlation id, and the run of each pipeline within them. */
import { compareAttemptNames, compareAttempts, type Attempt, type AttemptStatus, type Count } from "./attempt";
import { qualityOf } from "./quality";
import { compareText } from "./value";

export type RunState = "running" | "retrying" | "failed" | "completed";

export interface BatchSummary {
  correlationId: string;
  /** Names, ascending. */
  pipelines: readonly string[];
  state: RunState;
  startedAt: number;
  /** Null while anything of it is under way. */
  endedAt: number | null;
  attempts: number;
  /** Attempts that failed, whether or not a later one completed. */
  failed: number;
  /** Records that entered the first stage, and that left the last one: of one that failed and told none, null. */
  rowsIn: Count | null;
  rowsOut: Count | null;
  /** 0 to 1, of its worst stage; null while nothing is known of it. */
  quality: number | null;
  /** The stage that it is of. */
  worstStage: string | null;
}

/** What one pipeline did with one batch. */
export interface Run {
  correlationId: string;
  state: RunState;
  startedAt: number;
  endedAt: number | null;
  /** When it was last told of. */
  heardAt: number;
  rowsIn: Count | null;
  rowsOut: Count | null;
}

/** What all pipelines did with one batch, by their names. */
export interface BatchRuns {
  correlationId: string;
  runs: ReadonlyMap<string, Run>;
}

/**
 * The batch of its attempts (at least one, any order), and its runs by pipeline name. The last attempt of each stage decides:
 * one that failed and was tried again with success is no failure of the batch.
 *
 * Every batch of the hot window passes here before the first page is served, most of them with one attempt or a few of one
 * pipeline: what those do not need is not made for them.
 */
export function summariseBatch(
  correlationId: string,
  attempts: readonly Attempt[],
): { batch: BatchSummary; runs: ReadonlyMap<string, Run> } {
  const lasts = lastOfStages(attempts);
  const runs = runsOf(correlationId, attempts, lasts);
  const only = runs.size === 1 ? runs.get(attempts[0]!.pipelineName)! : null;
  const { state, startedAt, endedAt, rowsIn, rowsOut } =
    only ?? runOf(correlationId, attempts, worstOf([...runs.values()].map((run) => run.state)));
  const quality = qualityOf(lasts);
  return {
    batch: {
      correlationId,
      pipelines: [...runs.keys()].sort(compareText),
      state,
      startedAt,
      endedAt,
      attempts: attempts.length,
      failed: attempts.reduce((count, { status }) => count + (status === "FAILED" ? 1 : 0), 0),
      rowsIn,
      rowsOut,
      quality: quality?.value ?? null,
      worstStage: quality?.stageName ?? null,
    },
    runs,
  };
}

/** The last attempt of each stage. */
function lastOfStages(attempts: readonly Attempt[]): readonly Attempt[] {
  if (attempts.length === 1) return attempts;
  const lasts = new Map<string, Map<string, Attempt>>();
  for (const attempt of attempts) {
    let stages = lasts.get(attempt.pipelineName);
    if (!stages) lasts.set(attempt.pipelineName, (stages = new Map<string, Attempt>()));
    const last = stages.get(attempt.stageName);
    if (last === undefined || compareAttempts(attempt, last) > 0) stages.set(attempt.stageName, attempt);
  }
  return [...lasts.values()].flatMap((stages) => [...stages.values()]);
}

function runsOf(
  correlationId: string,
  attempts: readonly Attempt[],
  lasts: readonly Attempt[],
): ReadonlyMap<string, Run> {
  const { pipelineName } = attempts[0]!;
  const stateOf = (own: readonly Attempt[]): RunState => worstOf(own.map(({ status }) => STATE_OF[status]));
  if (lasts.every((last) => last.pipelineName === pipelineName))
    return new Map([[pipelineName, runOf(correlationId, attempts, stateOf(lasts))]]);
  const lastsOf = byPipeline(lasts);
  const runs = new Map<string, Run>();
  for (const [name, own] of byPipeline(attempts))
    runs.set(name, runOf(correlationId, own, stateOf(lastsOf.get(name)!)));
  return runs;
}

function byPipeline(attempts: readonly Attempt[]): Map<string, Attempt[]> {
  const parts = new Map<string, Attempt[]>();
  for (const attempt of attempts) {
    const own = parts.get(attempt.pipelineName);
    if (own) own.push(attempt);
    else parts.set(attempt.pipelineName, [attempt]);
  }
  return parts;
}

/** What some attempts of a batch come to, whose state is known. */
function runOf(correlationId: string, attempts: readonly Attempt[], state: RunState): Run {
  let first: Attempt | null = null;
  let last: Attempt | null = null;
  let newest = attempts[0]!;
  let startedAt = Infinity;
  let heardAt = -Infinity;
  for (const attempt of attempts) {
    startedAt = Math.min(startedAt, attempt.startedAt);
    heardAt = Math.max(heardAt, attempt.endedAt ?? attempt.updatedAt);
    if (byStart(attempt, newest) > 0) newest = attempt;
    if (attempt.rowsIn !== null && (first === null || byStart(attempt, first) < 0)) first = attempt;
    if (attempt.rowsOut !== null && (last === null || byStart(attempt, last) > 0)) last = attempt;
  }
  // What the stage before let out did not get there.
  const isCutOff = newest.status === "FAILED" && newest.rowsOut === null;
  const endedAt = state === "completed" || state === "failed" ? heardAt : null;
  return {
    correlationId,
    state,
    startedAt,
    endedAt,
    heardAt,
    rowsIn: first?.rowsIn ?? null,
    rowsOut: isCutOff ? null : (last?.rowsOut ?? null),
  };
}

const byStart = (a: Attempt, b: Attempt): number => a.startedAt - b.startedAt || compareAttemptNames(a, b);

/** A failure first; work under way before what has ended well. */
export const WORST_FIRST: readonly RunState[] = ["failed", "retrying", "running", "completed"];

const worstOf = (states: readonly RunState[]): RunState => WORST_FIRST.find((state) => states.includes(state))!;

export const STATE_OF: Record<AttemptStatus, RunState> = {
  FAILED: "failed",
  RETRYING: "retrying",
  STARTED: "running",
  RUNNING: "running",
  COMPLETED: "completed",
};
