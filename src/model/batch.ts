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
  /** Records that entered the first stage, and that left the last one. */
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

/** The attempts of one pipeline on a batch, and the last one of each stage. */
interface Part {
  attempts: Attempt[];
  last: Map<string, Attempt>;
}

/**
 * The batch of its attempts (at least one, any order), and its runs by pipeline name. The last attempt of each stage decides:
 * one that failed and was tried again with success is no failure of the batch.
 */
export function summariseBatch(
  correlationId: string,
  attempts: Iterable<Attempt>,
): { batch: BatchSummary; runs: ReadonlyMap<string, Run> } {
  const parts = partsOf(attempts);
  const runs = new Map<string, Run>();
  for (const [pipeline, part] of parts) {
    runs.set(pipeline, { correlationId, ...span(part.attempts, stateOf(part)) });
  }
  const all =
    parts.size === 1 ? [...parts.values()][0]!.attempts : [...parts.values()].flatMap((part) => part.attempts);
  const worst = WORST_FIRST.find((state) => [...runs.values()].some((run) => run.state === state))!;
  const { state, startedAt, endedAt, rowsIn, rowsOut } = span(all, worst);
  const failed = all.reduce((count, { status }) => count + (status === "FAILED" ? 1 : 0), 0);
  const pipelines = [...parts.keys()].sort(compareText);
  const worstQuality = qualityOf(lastAttempts(parts));
  const quality = worstQuality?.value ?? null;
  const worstStage = worstQuality?.stageName ?? null;
  const counts = { attempts: all.length, failed, rowsIn, rowsOut };
  return {
    batch: { correlationId, pipelines, state, startedAt, endedAt, ...counts, quality, worstStage },
    runs,
  };
}

function* lastAttempts(parts: ReadonlyMap<string, Part>): Generator<Attempt> {
  for (const { last } of parts.values()) yield* last.values();
}

function partsOf(attempts: Iterable<Attempt>): Map<string, Part> {
  const parts = new Map<string, Part>();
  for (const attempt of attempts) {
    let part = parts.get(attempt.pipelineName);
    if (!part) parts.set(attempt.pipelineName, (part = { attempts: [], last: new Map() }));
    part.attempts.push(attempt);
    const last = part.last.get(attempt.stageName);
    if (last === undefined || compareAttempts(attempt, last) > 0) part.last.set(attempt.stageName, attempt);
  }
  return parts;
}

function span(attempts: readonly Attempt[], state: RunState) {
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
  return { state, startedAt, endedAt, heardAt, rowsIn: first?.rowsIn ?? null, rowsOut: last?.rowsOut ?? null };
}

const byStart = (a: Attempt, b: Attempt): number => a.startedAt - b.startedAt || compareAttemptNames(a, b);

/** A failure first; work under way before what has ended well. */
export const WORST_FIRST: readonly RunState[] = ["failed", "retrying", "running", "completed"];

export const STATE_OF: Record<AttemptStatus, RunState> = {
  FAILED: "failed",
  RETRYING: "retrying",
  STARTED: "running",
  RUNNING: "running",
  COMPLETED: "completed",
};

function stateOf({ last }: Part): RunState {
  let worst = WORST_FIRST.length - 1;
  for (const { status } of last.values()) worst = Math.min(worst, WORST_FIRST.indexOf(STATE_OF[status]));
  return WORST_FIRST[worst]!;
}
