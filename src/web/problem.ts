/** Errors as `application/problem+json` (RFC 9457), in the shape of the API. */
import { AbortMessage, ServerError } from "@builder.io/qwik-city/middleware/request-handler";
import type { RequestEventCommon } from "@builder.io/qwik-city";
import { AppError, httpStatus, type ErrorCode, type ErrorDetails } from "../model/app-error";

export interface Problem extends ErrorDetails {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: ErrorCode | "internal";
  requestId: string;
}

/** Where the error page finds the problem that it shows. */
export const PROBLEM_KEY = "weir.problem";

const TITLES: Record<ErrorCode | "internal", string> = {
  "bad-parameter": "A parameter is not understood",
  "bad-body": "The body is not understood",
  unauthorized: "Not signed in",
  forbidden: "Not allowed",
  misdirected: "Not the right server",
  "unknown-feed": "No such feed",
  "not-found": "Not found",
  "read-only": "Read only",
  conflict: "In the way of something else",
  gone: "No longer kept",
  "too-large": "Too large",
  "unsupported-type": "Content type not supported",
  "nothing-acceptable": "No event was accepted",
  "rate-limited": "Too many requests",
  "staging-full": "No room for more events at the moment",
  "engine-unavailable": "The tables cannot be reached",
  "control-unavailable": "What people decide cannot be kept at the moment",
  "disk-full": "The disk does not take writes",
  internal: "Something went wrong",
};

/** The error that a handler threw; null when it is Qwik City's own way of ending a request. */
export function toAppError(thrown: unknown): AppError | { code: "internal" } | null {
  if (thrown instanceof AppError) return thrown;
  if (thrown instanceof AbortMessage || thrown instanceof ServerError) return null;
  return { code: "internal" };
}

export function problemOf(error: AppError | { code: "internal" }, requestId: string): Problem {
  const known = error instanceof AppError;
  return {
    type: `urn:weir:${error.code}`,
    title: TITLES[error.code],
    status: known ? httpStatus(error.code) : 500,
    // What went wrong inside is for the log; the answer names the request so that the two can be brought together.
    detail: known ? error.message : `The request failed. The log has the reason under ${requestId}.`,
    code: error.code,
    requestId,
    ...(known ? detailsOf(error) : {}),
  };
}

/** What was asked for lies before everything that is kept, unless whoever refused it knows better: the oldest is the nearest. */
const detailsOf = ({ details }: AppError): ErrorDetails =>
  details.oldest === undefined ? details : { nearest: details.oldest, ...details };

const DEFAULT_RETRY_MS = 5_000;

export const retrySeconds = ({ retryAfterMs }: Problem): number => Math.ceil((retryAfterMs ?? DEFAULT_RETRY_MS) / 1000);

/** Answers with the problem. 503 and 429 say when to come back. */
export function sendProblem(ev: RequestEventCommon, problem: Problem): void {
  // What was said of the answer that it would have been goes for the problem no more.
  for (const name of ["ETag", "Weir-Position", "Weir-Instant"]) ev.headers.delete(name);
  ev.headers.set("Content-Type", "application/problem+json");
  ev.headers.set("Cache-Control", "no-store");
  if (problem.status === 401) ev.headers.set("WWW-Authenticate", "Bearer");
  if (problem.status === 503 || problem.status === 429) {
    ev.headers.set("Retry-After", String(retrySeconds(problem)));
  }
  ev.send(problem.status, JSON.stringify(problem));
}
