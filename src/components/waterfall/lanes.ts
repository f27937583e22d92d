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
  bars: readonly Bar[];
  gaps: readonly Gap[];
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

/** @param until where attempts under way end on the axis, epoch ms */
export function layOut(attempts: readonly Attempt[], until: number): Waterfall {
  const starts = attempts.map(({ startedAt }) => startedAt);
  const from = Math.min(...starts);
  const ends = attempts.map((attempt) => endOf(attempt, until));
  const to = Math.max(...ends, from + 1);
  const percent = (ms: number) => (Math.min(Math.max(ms - from, 0), to - from) / (to - from)) * 100;
  const span = (start: number, end: number): Span => {
    const width = Math.max(percent(end) - percent(start), MIN_BAR);
    return { left: Math.min(percent(start), 100 - width), width };
  };
  const lanes: Lane[] = [];
  let ended = null as { pipeline: string; at: number } | null;
  for (const [key, own] of stagesOf(attempts)) {
    const { pipelineName, stageName } = own[0]!;
    const bars = own.map((attempt, i) => ({
      attempt,
      ordinal: i + 1,
      ...span(attempt.startedAt, endOf(attempt, until)),
    }));
    const gaps: Gap[] = [];
    const addGap = (kind: Gap["kind"], start: number, end: number) => {
      if (percent(end) - percent(start) > MIN_BAR) gaps.push({ kind, ms: end - start, ...span(start, end) });
    };
    if (ended?.pipeline === pipelineName) addGap("before-start", ended.at, own[0]!.startedAt);
    own.forEach((attempt, i) => {
      const next = own[i + 1];
      if (next) addGap("before-retry", endOf(attempt, until), next.startedAt);
    });
    ended = { pipeline: pipelineName, at: Math.max(...own.map((attempt) => endOf(attempt, until))) };
    lanes.push({ key, pipelineName, stageName, attempts: own, bars, gaps });
  }
  return { from, to, lanes, ticks: ticksOf(from, to) };
}

/** An attempt under way ends "now"; one that is retried ends when it was last heard of. */
const endOf = (attempt: Attempt, until: number): number =>
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
