/**
 * The one error that crosses stages. Its code decides the HTTP status (see `httpStatus`), its message is a sentence
 * for the person who sent the request: it names the offending value and the cure. Anything else that is thrown is a bug
 * or a fault of the machine and becomes a generic 500 with a full log line.
 */
export type ErrorCode =
  | "bad-parameter"
  | "bad-body"
  | "unauthorized"
  | "forbidden"
  | "misdirected"
  | "unknown-feed"
  | "not-found"
  | "read-only"
  | "conflict"
  | "gone"
  | "too-large"
  | "unsupported-type"
  | "nothing-acceptable"
  | "rate-limited"
  | "staging-full"
  | "engine-unavailable"
  | "control-unavailable"
  | "disk-full";

/** Further members of the problem document; each code uses at most one group of them. */
export interface ErrorDetails {
  parameter?: string;
  rejected?: readonly Rejection[];
  nearest?: string | null;
  oldest?: string | null;
  retryAfterMs?: number;
}

/** Why one event of a request was not taken. `index` counts from 0 in the order of the body. */
export interface Rejection {
  index: number;
  field: string | null;
  reason: string;
  /** Id of the dead letter that keeps the event, or null where nothing was stored. */
  deadLetter: string | null;
}

export class AppError extends Error {
  override readonly name = "AppError";

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details: ErrorDetails = {},
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const STATUS: Record<ErrorCode, number> = {
  "bad-parameter": 400,
  "bad-body": 400,
  unauthorized: 401,
  forbidden: 403,
  misdirected: 421,
  "unknown-feed": 404,
  "not-found": 404,
  "read-only": 409,
  conflict: 409,
  gone: 410,
  "too-large": 413,
  "unsupported-type": 415,
  "nothing-acceptable": 422,
  "rate-limited": 429,
  "staging-full": 503,
  "engine-unavailable": 503,
  "control-unavailable": 503,
  "disk-full": 503,
};

export const httpStatus = (code: ErrorCode): number => STATUS[code];
