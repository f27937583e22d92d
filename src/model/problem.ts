/** Problems: failures grouped by pipeline, stage and normalised error. */
import { compareAttemptNames, type Attempt, type AttemptStatus } from "./attempt";
import type { NormalisedError } from "./normalise-error";

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
}

/** A problem while it is being kept: its failures in the order of `compareFailures`, and how many each batch has. */
export interface ProblemGroup {
  id: string;
  pipelineName: string;
  stageName: string;
  /** The error without its variable parts. */
  text: string;
  /** When attempts of its stage completed, ascending; shared by all problems of the stage. */
  completions: readonly number[];
  failures: Attempt[];
  batches: Map<string, number>;
}

/** An attempt counts as a failure when it failed, or is being retried. */
export const FAILURE_STATUSES: readonly AttemptStatus[] = ["FAILED", "RETRYING"];

export const isFailure = ({ status }: Attempt): boolean => status === "FAILED" || status === "RETRYING";

export const compareFailures = (a: Attempt, b: Attempt): number =>
  a.updatedAt - b.updatedAt || compareAttemptNames(a, b);

/**
 * @param group at least one failure
 * @param error the newest failure's message
 * @param recoveredAt the first completion of the stage after the newest failure
 */
export function problemOf(group: ProblemGroup, error: NormalisedError, recoveredAt: number | null): Problem {
  const last = group.failures.at(-1)!;
  const state = recoveredAt !== null ? "recovered" : last.status === "RETRYING" ? "retrying" : "failing";
  return {
    id: group.id,
    pipelineName: group.pipelineName,
    stageName: group.stageName,
    error: error.line,
    reason: reasonOf(error),
    state,
    firstSeen: group.failures[0]!.updatedAt,
    lastSeen: last.updatedAt,
    count: group.failures.length,
    batches: group.batches.size,
    recoveredAt,
  };
}

function reasonOf({ line, ignored }: NormalisedError): string {
  if (line === "") return "same pipeline and stage, failures without a message";
  const base = "same pipeline, stage and error";
  if (ignored.length === 0) return base;
  const kinds = ignored.length === 1 ? ignored[0]! : `${ignored.slice(0, -1).join(", ")} and ${ignored.at(-1)!}`;
  return `${base}; ${kinds} may differ`;
}
