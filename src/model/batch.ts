/** Batches: all attempts that share a correlation id, and the run of each pipeline within them. */
import { compareAttempts, type Attempt, type Count } from "./attempt";
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
  /** Records that entered the first stage, and that left the last one. */
  rowsIn: Count | null;
  rowsOut: Count | null;
}

/** What one pipeline did with one batch. */
export interface Run {
  correlationId: string;
  state: RunState;
  startedAt: number;
  endedAt: number | null;
  rowsOut: Count | null;
}

/**
 * The batch of its attempts (at least one, any order), and its runs by pipeline name. The last attempt of each stage decides:
 * one that failed and was tried again with success is no failure of the batch.
 */
export function summariseBatch(
  correlationId: string,
  attempts: Iterable<Attempt>,
): { batch: BatchSummary; runs: ReadonlyMap<string, Run> } {
  const byPipeline = new Map<string, Attempt[]>();
  for (const attempt of attempts) {
    const same = byPipeline.get(attempt.pipelineName);
    if (same) same.push(attempt);
    else byPipeline.set(attempt.pipelineName, [attempt]);
  }
  const all = [...byPipeline.values()].flat();
  const runs = new Map<string, Run>();
  for (const [pipeline, own] of byPipeline) {
    const { state, startedAt, endedAt, rowsOut } = span(own);
    runs.set(pipeline, { correlationId, state, startedAt, endedAt, rowsOut });
  }
  const failed = all.reduce((count, { status }) => count + (status === "FAILED" ? 1 : 0), 0);
  const pipelines = [...byPipeline.keys()].sort(compareText);
  const { state, startedAt, endedAt, rowsIn, rowsOut } = span(all);
  return {
    batch: { correlationId, pipelines, state, startedAt, endedAt, attempts: all.length, failed, rowsIn, rowsOut },
    runs,
  };
}

function span(attempts: readonly Attempt[]) {
  const state = stateOf(attempts);
  let first: Attempt | null = null;
  let last: Attempt | null = null;
  let startedAt = Infinity;
  let heardAt = -Infinity;
  for (const attempt of attempts) {
    startedAt = Math.min(startedAt, attempt.startedAt);
    heardAt = Math.max(heardAt, attempt.endedAt ?? attempt.updatedAt);
    if (attempt.rowsIn !== null && (first === null || byStart(attempt, first) < 0)) first = attempt;
    if (attempt.rowsOut !== null && (last === null || byStart(attempt, last) > 0)) last = attempt;
  }
  const endedAt = state === "completed" || state === "failed" ? heardAt : null;
  return { state, startedAt, endedAt, rowsIn: first?.rowsIn ?? null, rowsOut: last?.rowsOut ?? null };
}

const byStart = (a: Attempt, b: Attempt): number => a.startedAt - b.startedAt || compareText(a.key, b.key);

/** The worst that the last attempts of the stages say, with work under way before what has ended well. */
function stateOf(attempts: readonly Attempt[]): RunState {
  const lastOfStage = new Map<string, Attempt>();
  for (const attempt of attempts) {
    const stage = `${attempt.pipelineName}\0${attempt.stageName}`;
    const known = lastOfStage.get(stage);
    if (known === undefined || compareAttempts(attempt, known) > 0) lastOfStage.set(stage, attempt);
  }
  const statuses = new Set([...lastOfStage.values()].map(({ status }) => status));
  if (statuses.has("FAILED")) return "failed";
  if (statuses.has("RETRYING")) return "retrying";
  return statuses.has("STARTED") || statuses.has("RUNNING") ? "running" : "completed";
}
