/**
 * How a pipeline is at some moment: a pure function of its row and the time, the same for pages of the present, pages of the
 * past (the time of their instant) and the browser's minute. Nothing is configured: limits follow from what is usual.
 *
 * A span is out of the ordinary beyond the median plus `SPREADS` spreads, and never within `LEAST_SHARE` of the median or
 * `LEAST_MS`: a pipeline that is always on the second is not late by two of them. In its first day nothing is usual of a
 * pipeline, and nothing is said but what it tells itself.
 */
import type { PipelineSummary } from "./pipeline";
import type { Problem, ProblemState } from "./problem";

/** Worst first. */
export const HEALTH_STATES = [
  "failing",
  "lost",
  "silent",
  "retrying",
  "late",
  "slow",
  "few rows",
  "running",
  "ok",
] as const;
export type HealthState = (typeof HEALTH_STATES)[number];

export interface Health {
  state: HealthState;
  /** What is so, in a few words: "silent 42 min (usual 6 ± 2)". */
  text: string;
  /** Since when it has been so, epoch ms; null where that is not known. */
  since: number | null;
  /** In its first day: what is usual is still being learnt. */
  isLearning: boolean;
  /** The share of its interval that a run leaves free, 1 = all; below 0 runs take longer than there is time. Null = unknown. */
  headroom: number | null;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const SPREADS = 3;
const LEAST_SHARE = 0.5;
const LEAST_MS = MINUTE_MS;
/** A run is given up for lost when it was not heard of for twice the longest that is usual, and at least so long. */
const LOST_AFTER_MS = 10 * MINUTE_MS;
/** A stream that is told of less often is silent. */
const STREAM_SILENT_MS = 15 * MINUTE_MS;
/** Records of a run below this share of the usual number are few. */
const FEW_ROWS = 0.5;

/** What is broken of a pipeline now. */
export interface Trouble {
  state: Exclude<ProblemState, "recovered">;
  /** Epoch ms. */
  since: number;
}

/**
 * The trouble of each pipeline that has any, by name: it fails while one of its problems does and is retrying while the worst of
 * them is, since the oldest of these. So a pipeline and its problems never contradict each other, whatever else of it runs.
 *
 * @param problems recovered ones too
 */
export function troublesOf(problems: readonly Problem[]): ReadonlyMap<string, Trouble> {
  const troubles = new Map<string, Trouble>();
  for (const { pipelineName, state, since } of problems) {
    if (state === "recovered") continue;
    const known = troubles.get(pipelineName);
    if (known === undefined || (known.state === "retrying" && state === "failing"))
      troubles.set(pipelineName, { state, since });
    else if (known.state === state) known.since = Math.min(known.since, since);
  }
  return troubles;
}

/** What a pipeline tells of itself, without its runs. */
export type ToldOfPipeline = Omit<PipelineSummary, "recent">;

/** @param trouble of its problems, see `troublesOf` @param now epoch ms */
export function healthOf(pipeline: ToldOfPipeline, trouble: Trouble | null, now: number): Health {
  const isLearning = now - pipeline.firstSeenAt < DAY_MS;
  const headroom = headroomOf(pipeline);
  const known =
    trouble === null
      ? ((isLearning ? null : unusual(pipeline, now)) ?? ordinary(pipeline, now))
      : { ...trouble, text: trouble.state };
  return { ...known, isLearning, headroom };
}

type Finding = Pick<Health, "state" | "text" | "since">;

function unusual(pipeline: ToldOfPipeline, now: number): Finding | null {
  if (pipeline.kind === "stream") return silentStream(pipeline, now);
  return lost(pipeline, now) ?? missing(pipeline, now) ?? slow(pipeline, now) ?? fewRows(pipeline);
}

function silentStream({ lastHeartbeatAt }: ToldOfPipeline, now: number): Finding | null {
  const silence = now - lastHeartbeatAt;
  if (silence <= STREAM_SILENT_MS) return null;
  return { state: "silent", text: `silent ${spanText(silence)}`, since: lastHeartbeatAt };
}

function lost(pipeline: ToldOfPipeline, now: number): Finding | null {
  const { underWayHeardAt: heardAt, usualDurationMs, durationSpreadMs } = pipeline;
  if (heardAt === null || !isLost(heardAt, usualDurationMs, durationSpreadMs, now)) return null;
  const usual = usualText(usualDurationMs, durationSpreadMs, now - heardAt);
  return { state: "lost", text: `lost: nothing heard for ${spanText(now - heardAt)}${usual}`, since: heardAt };
}

/**
 * Whether a run or an attempt that is told to be under way has fallen silent for longer than such runs take.
 *
 * @param heardAt when it was last told of, epoch ms
 * @param usualMs what such runs take; null = not known, then none is lost
 */
export function isLost(heardAt: number, usualMs: number | null, spreadMs: number | null, now: number): boolean {
  if (usualMs === null) return false;
  return now - heardAt > Math.max(LOST_AFTER_MS, 2 * longest(usualMs, spreadMs));
}

/** The next run did not start: late at first, silent when the one after it is overdue as well. */
function missing(pipeline: ToldOfPipeline, now: number): Finding | null {
  const { dueAt, usualEveryMs: every, everySpreadMs: spread, lastStartedAt, underWaySince } = pipeline;
  if (dueAt === null || every === null || underWaySince !== null) return null;
  const overdue = now - lastStartedAt;
  const limit = longest(every, spread);
  if (overdue <= limit) return null;
  const usual = usualText(every, spread, overdue);
  if (overdue > limit + every) return { state: "silent", text: `silent ${spanText(overdue)}${usual}`, since: dueAt };
  return { state: "late", text: `late: last start ${spanText(overdue)} ago${usual}`, since: dueAt };
}

function slow(pipeline: ToldOfPipeline, now: number): Finding | null {
  const { usualDurationMs: usual, durationSpreadMs: spread, underWaySince, nowDurationMs } = pipeline;
  if (usual === null) return null;
  const [took, since] = underWaySince === null ? [nowDurationMs, null] : [now - underWaySince, underWaySince + usual];
  if (took === null || took <= longest(usual, spread)) return null;
  const text = `slow: ${underWaySince === null ? "took" : "running for"} ${spanText(took)}`;
  return { state: "slow", text: text + usualText(usual, spread, took), since };
}

function fewRows({ nowRows, usualRows, rowsSpread }: ToldOfPipeline): Finding | null {
  if (nowRows === null || usualRows === null || usualRows <= 0) return null;
  const rows = Number(nowRows);
  if (rows >= usualRows * FEW_ROWS || rows >= usualRows - SPREADS * (rowsSpread ?? 0)) return null;
  return { state: "few rows", text: fewText(rows / usualRows), since: null };
}

function fewText(share: number): string {
  if (share === 0) return "no rows";
  if (share >= 0.4) return "half the usual rows";
  const percent = Math.round(share * 100);
  return `${percent < 1 ? "less than 1" : percent} % of the usual rows`;
}

function ordinary(pipeline: ToldOfPipeline, now: number): Finding {
  const { kind, lastHeartbeatAt, lagRows, underWaySince } = pipeline;
  if (kind === "stream") {
    const lag = lagRows === null || lagRows === 0 ? "" : `, ${lagRows} records behind`;
    return { state: "running", text: `heard of ${spanText(now - lastHeartbeatAt)} ago${lag}`, since: underWaySince };
  }
  if (underWaySince !== null) return { state: "running", text: "running", since: underWaySince };
  return { state: "ok", text: "ok", since: null };
}

function headroomOf({ usualEveryMs, usualDurationMs, nowDurationMs }: ToldOfPipeline): number | null {
  const duration = usualDurationMs ?? nowDurationMs;
  return usualEveryMs === null || usualEveryMs <= 0 || duration === null ? null : 1 - duration / usualEveryMs;
}

/** The longest that is still usual. */
const longest = (median: number, spread: number | null): number =>
  median + Math.max(SPREADS * (spread ?? 0), LEAST_SHARE * median, LEAST_MS);

const UNITS = [
  [DAY_MS, "d"],
  [HOUR_MS, "h"],
  [MINUTE_MS, "min"],
  [1_000, "s"],
] as const;

/** The largest unit of which a span has at least two, or seconds. */
const unitOf = (ms: number): (typeof UNITS)[number] => UNITS.find(([unit]) => ms >= 2 * unit) ?? UNITS[3];

const inUnit = (ms: number, [unit]: (typeof UNITS)[number]): string => {
  const value = ms / unit;
  return value > 0 && value < 10 && !Number.isInteger(value)
    ? value.toFixed(1).replace(/\.0$/, "")
    : String(Math.round(value));
};

function spanText(ms: number): string {
  const unit = unitOf(Math.max(0, ms));
  return `${Math.floor(Math.max(0, ms) / unit[0])} ${unit[1]}`;
}

/** ` (usual 6 ± 2)`, with its unit where that is another than the one beside it. */
function usualText(median: number | null, spread: number | null, besideMs: number): string {
  if (median === null) return "";
  const unit = unitOf(median);
  const around = spread === null || spread < unit[0] / 20 ? "" : ` ± ${inUnit(spread, unit)}`;
  const name = unit === unitOf(besideMs) ? "" : ` ${unit[1]}`;
  return ` (usual ${inUnit(median, unit)}${around}${name})`;
}
