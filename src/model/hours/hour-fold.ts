/**
 * From the events of runs to hours: a pure function, the same in any order of the events. Rolling up again gives the same rows,
 * so that what was cut short is simply done again.
 */
import { attemptKeyOf, attemptOf, type Attempt, type AttemptFields, type Count } from "../attempt";
import { summariseBatch, type RunState } from "../batch";
import { eventTimeOf, keyOf } from "../feed";
import { longToWire, type Row } from "../value";
import { REST_EVERY, type Work } from "../work";
import { HOUR_MS, hourIdOf, hourOf, type PipelineHour } from "./pipeline-hour";
import { sketchOf } from "./sketch";

/** So long after an hour, and after the newest word of what ran in it, its numbers are final. */
export const WATERMARK_MS = HOUR_MS;
/** So long after an hour its numbers are remembered: by then all but the longest runs have ended. */
export const REMEMBER_AFTER_MS = 24 * HOUR_MS;

export interface HourFoldInput {
  fields: AttemptFields;
  /** Of every run that has an event in the range: all of its events. */
  rows: readonly Row[];
  /** Whole hours, `from <= hour < to`. */
  from: number;
  to: number;
  /** Commit time of the position that the rows are of. */
  sourceAt: number;
  /** When an event was committed, by its key; null = not known. */
  shownAt: (key: string) => number | null;
}

/** An attempt or a run, as far as an hour counts it. */
interface Item {
  state: RunState;
  startedAt: number;
  endedAt: number | null;
  heardAt: number;
  durationMs: number | null;
  rowsIn: Count | null;
  rowsOut: Count | null;
  /** When its first failure was made, and by which event. */
  failedAt: number | null;
  failedBy: string | null;
}

interface Known {
  attempt: Attempt;
  firstAt: number;
}

/** Of one pipeline on one batch. */
interface KnownRun {
  correlationId: string;
  pipelineName: string;
  known: Known[];
}

/** The hours of the range in which anything began, in no order. */
export function* foldHours(input: HourFoldInput): Work<PipelineHour[]> {
  const groups = new Map<string, { pipelineName: string; stageName: string | null; hour: number; items: Item[] }>();
  const put = (pipelineName: string, stageName: string | null, firstAt: number, item: () => Item) => {
    const hour = hourOf(firstAt);
    if (hour < input.from || hour >= input.to) return;
    // Names are any text: the length tells where one ends.
    const key = `${hour} ${stageName === null ? "" : stageName.length} ${stageName ?? ""}${pipelineName}`;
    let group = groups.get(key);
    if (!group) groups.set(key, (group = { pipelineName, stageName, hour, items: [] }));
    group.items.push(item());
  };
  for (const { correlationId, pipelineName, known } of yield* runsOf(input)) {
    let begunAt = Infinity;
    for (const [i, { attempt, firstAt }] of known.entries()) {
      if (i % REST_EVERY === 0) yield;
      begunAt = Math.min(begunAt, firstAt);
      put(pipelineName, attempt.stageName, firstAt, () => ofAttempt(input.fields, attempt));
    }
    put(pipelineName, null, begunAt, () => {
      const attempts = known.map(({ attempt }) => attempt);
      const run = summariseBatch(correlationId, attempts).runs.get(pipelineName)!;
      const failed = run.state === "failed" ? firstFailure(attempts) : null;
      const durationMs = run.endedAt === null ? null : run.endedAt - run.startedAt;
      return { ...run, durationMs, ...failureOf(input.fields, failed) };
    });
  }
  const hours: PipelineHour[] = [];
  for (const { pipelineName, stageName, hour, items } of groups.values()) {
    yield;
    const hourId = hourIdOf(pipelineName, stageName, hour);
    hours.push({ hourId, pipelineName, stageName, hour, ...sumUp(items, hour, input) });
  }
  return hours;
}

function* runsOf({ fields, rows }: HourFoldInput): Work<Iterable<KnownRun>> {
  const ofAttempt = new Map<string, Row[]>();
  for (const [i, row] of rows.entries()) {
    if (i % REST_EVERY === 0) yield;
    const key = attemptKeyOf(fields, row);
    const own = ofAttempt.get(key);
    if (own) own.push(row);
    else ofAttempt.set(key, [row]);
  }
  const runs = new Map<string, KnownRun>();
  for (const own of ofAttempt.values()) {
    yield;
    const attempt = attemptOf(fields, own);
    const firstAt = own.reduce((first, row) => Math.min(first, eventTimeOf(fields.feed, row)), Infinity);
    const { correlationId, pipelineName } = attempt;
    // Names are any text: the length tells where one ends.
    const key = `${pipelineName.length} ${pipelineName}${correlationId}`;
    const run = runs.get(key);
    if (run) run.known.push({ attempt, firstAt });
    else runs.set(key, { correlationId, pipelineName, known: [{ attempt, firstAt }] });
  }
  return runs.values();
}

const STATES = {
  STARTED: "running",
  RUNNING: "running",
  RETRYING: "retrying",
  FAILED: "failed",
  COMPLETED: "completed",
} as const;

function ofAttempt(fields: AttemptFields, attempt: Attempt): Item {
  const { status, startedAt, endedAt, updatedAt, durationMs, rowsIn, rowsOut } = attempt;
  const state = STATES[status];
  const failure = failureOf(fields, state === "failed" ? attempt : null);
  return { state, startedAt, endedAt, heardAt: endedAt ?? updatedAt, durationMs, rowsIn, rowsOut, ...failure };
}

const failureOf = ({ feed }: AttemptFields, failed: Attempt | null): Pick<Item, "failedAt" | "failedBy"> =>
  failed === null
    ? { failedAt: null, failedBy: null }
    : { failedAt: failed.updatedAt, failedBy: keyOf(feed, failed.last) };

function firstFailure(attempts: readonly Attempt[]): Attempt | null {
  let first: Attempt | null = null;
  for (const attempt of attempts) {
    if (attempt.status !== "FAILED") continue;
    if (
      first === null ||
      attempt.updatedAt < first.updatedAt ||
      (attempt.updatedAt === first.updatedAt && isBefore(attempt, first))
    )
      first = attempt;
  }
  return first;
}

/** Decides only where times are equal. */
const isBefore = (a: Attempt, b: Attempt): boolean =>
  a.stageName === b.stageName ? a.attempt < b.attempt : a.stageName < b.stageName;

function sumUp(items: readonly Item[], hour: number, { sourceAt, shownAt }: HourFoldInput) {
  const count = (state: RunState) => items.filter((item) => item.state === state).length;
  const completed = items.filter(({ state }) => state === "completed");
  const starts = items.map(({ startedAt }) => startedAt).sort((a, b) => a - b);
  const lastUpdatedAt = Math.max(...items.map(({ heardAt }) => heardAt));
  const isFinal = sourceAt >= Math.max(hour + HOUR_MS, lastUpdatedAt) + WATERMARK_MS;
  return {
    state: isFinal ? ("FINAL" as const) : ("PROVISIONAL" as const),
    sourceAt,
    attempts: items.length,
    running: count("running"),
    retrying: count("retrying"),
    failed: count("failed"),
    completed: completed.length,
    rowsIn: total(items.map(({ rowsIn }) => rowsIn)),
    rowsOut: total(items.map(({ rowsOut }) => rowsOut)),
    durations: sketchOf(completed.flatMap(({ durationMs }) => (durationMs === null ? [] : [Math.max(0, durationMs)]))),
    rowCounts: sketchOf(completed.flatMap(({ rowsOut }) => (rowsOut === null ? [] : [Math.max(0, Number(rowsOut))]))),
    gaps: sketchOf(starts.slice(1).map((start, i) => start - starts[i]!)),
    firstStartAt: starts[0]!,
    lastStartAt: starts.at(-1)!,
    lastUpdatedAt,
    ...failures(items, shownAt),
  };
}

function failures(items: readonly Item[], shownAt: (key: string) => number | null) {
  const failed = items
    .filter(({ failedAt }) => failedAt !== null)
    .sort((a, b) => a.failedAt! - b.failedAt! || (a.failedBy! < b.failedBy! ? -1 : 1));
  const ends = items.flatMap(({ state, endedAt }) => (state === "completed" ? [endedAt!] : [])).sort((a, b) => a - b);
  const first = failed[0];
  const lastFailedAt = failed.at(-1)?.failedAt ?? null;
  return {
    firstFailedAt: first?.failedAt ?? null,
    firstShownAt: first ? shownAt(first.failedBy!) : null,
    lastFailedAt,
    recoveredAt: lastFailedAt === null ? null : (ends.find((end) => end > lastFailedAt) ?? null),
    firstCompletedAt: ends[0] ?? null,
  };
}

function total(counts: readonly (Count | null)[]): Count | null {
  const known = counts.filter((count) => count !== null);
  return known.length === 0 ? null : longToWire(known.reduce<bigint>((sum, count) => sum + BigInt(count), 0n));
}
