/** What goes wrong with a Spark server, told apart by what a caller can do about it. */
import { AppError } from "../../../model/app-error";

const RETRY_AFTER_MS = 5_000;

/** No answer can be had: too late, too many, or not as it has to be set up. The cause is for the log. */
export const unavailable = (sentence: string, cause?: unknown): AppError =>
  new AppError("engine-unavailable", sentence, { retryAfterMs: RETRY_AFTER_MS }, { cause });

/**
 * The server is not there, does not answer a call in time, or ended the connection. Whether a statement that was running has
 * had an effect is not known. Only this counts against a server (`server.ts`), not a query that is too slow.
 */
export class Unreachable extends AppError {
  constructor(
    sentence: string,
    cause?: unknown,
    /** `lost`: the connection ended, which another one may not; `silent`: nobody should wait for it again at once. */
    readonly kind: "lost" | "silent" = "silent",
  ) {
    super("engine-unavailable", sentence, { retryAfterMs: RETRY_AFTER_MS }, { cause });
  }
}

export const isUnavailable = (error: unknown): error is AppError =>
  error instanceof AppError && error.code === "engine-unavailable";

/**
 * Spark refused or failed a statement. The message is the first line of Spark's own words; its stack trace is the `cause`, for
 * the log. Never shown to users: it is no AppError, so HTTP makes a generic 500 of it.
 */
export class SparkError extends Error {
  override readonly name = "SparkError";

  constructor(
    message: string,
    readonly sqlState: string | null,
    /** Spark's name of the error (`TABLE_OR_VIEW_NOT_FOUND`), null where it has none. */
    readonly errorClass: string | null,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** What a server did to a call, and no bug of ours. */
export const isServerFault = (error: unknown): boolean => isUnavailable(error) || error instanceof SparkError;

const LONGEST_FIRST_LINE = 500;

/** Of what a server answered, which may be a stack trace of a hundred lines. */
export function sparkError(words: string | null, sqlState: string | null): SparkError {
  const all = words ?? "Spark gave no reason.";
  const first = firstLine(all);
  const errorClass = /\[([A-Z][A-Z0-9_]*(?:\.[A-Z0-9_]+)*)\]/.exec(first)?.[1] ?? null;
  return new SparkError(first, sqlState, errorClass, { cause: new Error(all) });
}

/** Spark puts `org.apache.hive.service.cli.HiveSQLException: Error running query: ` and class names before what it says. */
function firstLine(words: string): string {
  const line = words.split("\n", 1)[0]!.trim();
  const bare = line.replace(/^(?:(?:[a-z][\w$]*\.)+[A-Z][\w$]*:\s*|Error running query:\s*)+/, "");
  return (bare || line).slice(0, LONGEST_FIRST_LINE);
}
