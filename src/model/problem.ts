/** Problems: failures grouped by pipeline, stage and normalised error. */
import { compareAttemptNames, type Attempt, type AttemptStatus } from "./attempt";
import type { NormalisedError } from "./normalise-error";
import { firstAfter } from "./sorted";

export type ProblemState = "failing" | "retrying" | "recovered";

export interface Problem {
  id: string;
  pipelineName: string;
  stageName: string;
  /** First line of the newest failure's message, as reported. */
  error: string;
  /** Why these failures are taken for one: "same pipeline, stage and error; numbers and paths may differ". */
  reason: string;
  state: ProblemState;
  firstSeen: number;
  lastSeen: number;
  /** Attempts that failed or are being retried. */
  count: number;
  /** Batches among them. */
  batches: number;
  /** When the first later attempt of the stage completed. */
  recoveredAt: number | null;
  /** When the present trouble began: the first failure after the stage completed last, or ever. */
  since: number;
  /** How often it began: failures between which the stage did not complete are one trouble. */
  episodes: number;
  /** Failures per slot of `TREND_SLOT_MS` by the clock of the events, `TREND_SLOTS` of them; the last is the slot of `lastSeen`. */
  trend: readonly number[];
  /** The newest failure's error with placeholders for what may differ: `timeout after <n> s`. */
  pattern: string;
  /** Batch of the newest failure. */
  lastBatch: string;
}

export const TREND_SLOT_MS = 600_000;
export const TREND_SLOTS = 12;

/**
 * The trend as it is at a moment: failures in the `TREND_SLOTS` slots that end with the one of `now`, the oldest first. A
 * newest failure in the future (a clock that is wrong) counts as one of now.
 */
export function trendAt({ trend, lastSeen }: Pick<Problem, "trend" | "lastSeen">, now: number): number[] {
  const passed = Math.max(0, slotOf(now) - slotOf(lastSeen));
  return Array.from({ length: TREND_SLOTS }, (_, i) => trend[i + passed] ?? 0);
}

const slotOf = (ms: number): number => Math.floor(ms / TREND_SLOT_MS);

/** A problem while it is being kept: its failures in the order of `compareFailures`, and how many each batch has. */
export interface ProblemGroup {
  id: string;
  pipelineName: string;
  stageName: string;
  /** The text by which people split it off another problem; null = they did not. */
  containing: string | null;
  /** When attempts of its stage completed, ascending; shared by all problems of the stage. */
  completions: readonly number[];
  failures: Attempt[];
  batches: Map<string, number>;
  /** How many of the failures are here because people merged their problem into this one. */
  merged: number;
}

/** An attempt counts as a failure when it failed, or is being retried. */
export const FAILURE_STATUSES: readonly AttemptStatus[] = ["FAILED", "RETRYING"];

export const isFailure = ({ status }: Attempt): boolean => status === "FAILED" || status === "RETRYING";

export const compareFailures = (a: Attempt, b: Attempt): number =>
  a.updatedAt - b.updatedAt || compareAttemptNames(a, b);

/**
 * @param group at least one failure
 * @param error the newest failure's message
 */
export function problemOf(group: ProblemGroup, error: NormalisedError): Problem {
  const { failures, completions } = group;
  const last = failures.at(-1)!;
  const recoveredAt = firstAfter(completions, last.updatedAt);
  const state = recoveredAt !== null ? "recovered" : last.status === "RETRYING" ? "retrying" : "failing";
  return {
    id: group.id,
    pipelineName: group.pipelineName,
    stageName: group.stageName,
    error: error.line,
    reason: reasonOf(error, group),
    state,
    firstSeen: failures[0]!.updatedAt,
    lastSeen: last.updatedAt,
    count: failures.length,
    batches: group.batches.size,
    recoveredAt,
    ...episodesOf(failures, completions),
    trend: trendOf(failures),
    pattern: error.text,
    lastBatch: last.correlationId,
  };
}

/** A new one begins with each failure before which the stage has completed since the failure before. */
function episodesOf(failures: readonly Attempt[], completions: readonly number[]): { since: number; episodes: number } {
  let since = failures[0]!.updatedAt;
  let episodes = 1;
  let next = firstAfter(completions, since);
  for (const { updatedAt } of failures) {
    if (next === null) break;
    if (next < updatedAt) {
      since = updatedAt;
      episodes++;
    } else if (updatedAt < next) continue;
    next = firstAfter(completions, updatedAt);
  }
  return { since, episodes };
}

function trendOf(failures: readonly Attempt[]): number[] {
  const trend = new Array<number>(TREND_SLOTS).fill(0);
  const first = slotOf(failures.at(-1)!.updatedAt) - TREND_SLOTS + 1;
  for (let i = failures.length - 1; i >= 0; i--) {
    const slot = slotOf(failures[i]!.updatedAt) - first;
    if (slot < 0) break;
    trend[slot]!++;
  }
  return trend;
}

/** Why these failures are one problem, to stand behind "grouped because". */
function reasonOf(error: NormalisedError, { containing, merged }: ProblemGroup): string {
  const split = containing === null ? "" : `; split off by hand, for the error has ${JSON.stringify(containing)}`;
  const joined = merged === 0 ? "" : "; merged by hand with failures whose errors read otherwise";
  return fingerprintReason(error) + split + joined;
}

function fingerprintReason({ line, ignored }: NormalisedError): string {
  if (line === "") return "same pipeline and stage, failures without a message";
  const base = "same pipeline, stage and error";
  if (ignored.length === 0) return base;
  const kinds = ignored.length === 1 ? ignored[0]! : `${ignored.slice(0, -1).join(", ")} and ${ignored.at(-1)!}`;
  return `${base}; ${kinds} may differ`;
}
