/** The attempts of a batch on one time axis: pure geometry in percent of the axis, drawn by `waterfall.tsx`. */
import { compareAttempts, type Attempt } from "~/model/attempt";
import { compareText } from "~/model/value";

export interface Span {
  /** Percent of the axis, 0 to 100. */
  left: number;
  width: number;
}

export interface Bar extends Span {
  attempt: Attempt;
  /** Counts from 1 within the stage, in the order of the attempts. */
  ordinal: number;
  /** Place within the lane, from the top: attempts that run at the same time stand below each other. */
  row: number;
}

/** Time in which nothing worked: between two attempts, or between the stage before and the first attempt. */
export interface Gap extends Span {
  ms: number;
  kind: "before-retry" | "before-start";
}

export interface Lane {
  key: string;
  pipelineName: string;
  stageName: string;
  /** In their order; at least one. */
  attempts: readonly Attempt[];
  /** Of the last attempts, as many as can be told apart. */
  bars: readonly Bar[];
  gaps: readonly Gap[];
  /** Rows of the lane, at least one. */
  rows: number;
  /** When the stage ran in the batch before, counted from the start of its pipeline; null = it did not. */
  ghost: Span | null;
}

/** When a stage of an earlier batch ran, ms after the start of its pipeline. */
export interface GhostSpan {
  pipelineName: string;
  stageName: string;
  fromMs: number;
  toMs: number;
}

export interface Tick {
  at: number;
  left: number;
}

export interface Waterfall {
  from: number;
  to: number;
  lanes: readonly Lane[];
  ticks: readonly Tick[];
}

/** A bar of no length could not be seen. */
const MIN_BAR = 0.35;
/** Attempts that are drawn, of a stage and in all; the table has more. */
const MOST_BARS = 40;
const MOST_BARS_IN_ALL = 800;
const LEAST_BARS = 6;
/** So many attempts have a row each; more share rows where they do not overlap. */
const ROWS_OF_THEIR_OWN = 4;
const MOST_ROWS = 8;

/**
 * @param until where attempts under way end on the axis, epoch ms
 * @param ghosts of the batch before
 */
export function layOut(attempts: readonly Attempt[], until: number, ghosts: readonly GhostSpan[] = []): Waterfall {
  const starts = pipelineStarts(attempts);
  let from = Infinity;
  let to = -Infinity;
  for (const attempt of attempts) {
    from = Math.min(from, attempt.startedAt);
    to = Math.max(to, endOf(attempt, until));
  }
  const shown = ghosts.flatMap((ghost) => {
    const start = starts.get(ghost.pipelineName);
    return start === undefined ? [] : [{ ...ghost, start: start + ghost.fromMs, end: start + ghost.toMs }];
  });
  // A batch before that took much longer does not squeeze this one: its end is cut.
  const ghostEnd = Math.max(to, ...shown.map(({ end }) => end));
  to = Math.max(Math.min(ghostEnd, from + (to - from) * 1.5), from + 1);
  const percent = (ms: number) => (Math.min(Math.max(ms - from, 0), to - from) / (to - from)) * 100;
  const span = (start: number, end: number): Span => {
    const width = Math.max(percent(end) - percent(start), MIN_BAR);
    return { left: Math.min(percent(start), 100 - width), width };
  };
  const lanes: Lane[] = [];
  let ended = null as { pipeline: string; at: number } | null;
  const stages = stagesOf(attempts);
  const mostBars = Math.max(LEAST_BARS, Math.min(MOST_BARS, Math.floor(MOST_BARS_IN_ALL / stages.length)));
  for (const [key, own] of stages) {
    const { pipelineName, stageName } = own[0]!;
    const first = Math.max(0, own.length - mostBars);
    const rows = rowsOf(own.slice(first), until);
    const bars = own.slice(first).map((attempt, i) => ({
      attempt,
      ordinal: first + i + 1,
      row: rows[i]!,
      ...span(attempt.startedAt, endOf(attempt, until)),
    }));
    const gaps: Gap[] = [];
    const addGap = (kind: Gap["kind"], start: number, end: number) => {
      if (percent(end) - percent(start) > MIN_BAR) gaps.push({ kind, ms: end - start, ...span(start, end) });
    };
    if (ended?.pipeline === pipelineName) addGap("before-start", ended.at, own[0]!.startedAt);
    let busyUntil = -Infinity;
    own.forEach((attempt, i) => {
      busyUntil = Math.max(busyUntil, endOf(attempt, until));
      const next = own[i + 1];
      if (next && i >= first) addGap("before-retry", busyUntil, next.startedAt);
    });
    ended = { pipeline: pipelineName, at: busyUntil };
    const ghost = shown.find((one) => one.pipelineName === pipelineName && one.stageName === stageName);
    lanes.push({
      key,
      pipelineName,
      stageName,
      attempts: own,
      bars,
      gaps,
      rows: Math.max(...rows) + 1,
      ghost: ghost && ghost.start < to ? span(ghost.start, ghost.end) : null,
    });
  }
  return { from, to, lanes, ticks: ticksOf(from, to) };
}

const pipelineStarts = (attempts: readonly Attempt[]): Map<string, number> => {
  const starts = new Map<string, number>();
  for (const { pipelineName, startedAt } of attempts)
    starts.set(pipelineName, Math.min(starts.get(pipelineName) ?? Infinity, startedAt));
  return starts;
};

/** The row of each attempt: its own while they are few, else the first in which nothing of it runs. */
function rowsOf(attempts: readonly Attempt[], until: number): number[] {
  if (attempts.length <= ROWS_OF_THEIR_OWN) return attempts.map((_, i) => i);
  const busyUntil: number[] = [];
  return attempts.map((attempt) => {
    const free = busyUntil.findIndex((end) => end <= attempt.startedAt);
    const row = free >= 0 ? free : Math.min(busyUntil.length, MOST_ROWS - 1);
    busyUntil[row] = Math.max(busyUntil[row] ?? 0, endOf(attempt, until));
    return row;
  });
}

/** An attempt under way ends "now"; one that is retried ends when it was last heard of. */
export const endOf = (attempt: Attempt, until: number): number =>
  Math.max(
    attempt.startedAt,
    attempt.endedAt ?? (attempt.status === "RETRYING" ? attempt.updatedAt : Math.max(until, attempt.updatedAt)),
  );

/** Stages in the order in which they began, each with its attempts in order. */
function stagesOf(attempts: readonly Attempt[]): [string, Attempt[]][] {
  const stages = new Map<string, Attempt[]>();
  for (const attempt of attempts) {
    const key = `${attempt.pipelineName}\0${attempt.stageName}`;
    const own = stages.get(key);
    if (own) own.push(attempt);
    else stages.set(key, [attempt]);
  }
  for (const own of stages.values()) own.sort(compareAttempts);
  const begin = (own: readonly Attempt[]) => Math.min(...own.map(({ startedAt }) => startedAt));
  const pipelineBegin = new Map<string, number>();
  for (const own of stages.values()) {
    const { pipelineName } = own[0]!;
    pipelineBegin.set(pipelineName, Math.min(pipelineBegin.get(pipelineName) ?? Infinity, begin(own)));
  }
  return [...stages].sort(([keyA, a], [keyB, b]) => {
    const [left, right] = [a[0]!.pipelineName, b[0]!.pipelineName];
    return (
      (left === right ? 0 : pipelineBegin.get(left)! - pipelineBegin.get(right)! || compareText(left, right)) ||
      begin(a) - begin(b) ||
      compareText(keyA, keyB)
    );
  });
}

const STEPS_MS = [
  1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000,
  900_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000, 21_600_000, 43_200_000, 86_400_000,
];

/** Round times on the axis, at most six. */
function ticksOf(from: number, to: number): Tick[] {
  const step = STEPS_MS.find((ms) => (to - from) / ms <= 6) ?? Math.ceil((to - from) / 6 / 86_400_000) * 86_400_000;
  const ticks: Tick[] = [];
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) {
    ticks.push({ at, left: ((at - from) / (to - from)) * 100 });
  }
  return ticks;
}
