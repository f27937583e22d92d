/**
 * Attempts: one try of a stage of a pipeline on a batch, folded from its events. Publishers may send new versions of one
 * event or one event per change of status; both give the same attempt (design §2).
 */
import { compareVersions, eventTimeOf, fieldIndex, keyOf, type Feed } from "./feed";
import { compareText, type Row, type WireValue } from "./value";

/** Where a feed keeps what an attempt is made of: indexes into its fields; -1 = the feed has no such field. */
export interface AttemptFields {
  feed: Feed;
  correlationId: number;
  pipelineName: number;
  stageName: number;
  status: number;
  attempt: number;
  errorMessage: number;
  rowsIn: number;
  rowsOut: number;
  durationMs: number;
  quality: number;
}

export type AttemptStatus = "STARTED" | "RUNNING" | "RETRYING" | "FAILED" | "COMPLETED";

/** A count of records as it travels: a number, beyond 2^53-1 a decimal string. */
export type Count = number | string;

export interface Attempt {
  correlationId: string;
  pipelineName: string;
  stageName: string;
  attempt: number;
  status: AttemptStatus;
  startedAt: number;
  /** When its newest version was made. */
  updatedAt: number;
  /** Null while it has neither completed nor failed. */
  endedAt: number | null;
  durationMs: number | null;
  rowsIn: Count | null;
  rowsOut: Count | null;
  error: string | null;
  /** What the publisher measured, 0 to 1. */
  quality: number | null;
  /** The newest event, of which status and counts are taken. */
  last: Row;
}

const STATUSES: readonly string[] = ["STARTED", "RUNNING", "RETRYING", "FAILED", "COMPLETED"];

/** The fields of attempts in a feed, or null if it has not all that an attempt needs: such a feed has no derived views. */
export function attemptFields(feed: Feed): AttemptFields | null {
  const of = (name: string, kinds: readonly string[], isNullable: boolean): number => {
    const i = fieldIndex(feed, name);
    const field = feed.fields[i];
    return field && kinds.includes(field.type.kind) && (isNullable || !field.nullable) ? i : -1;
  };
  const text = ["string"];
  const long = ["long", "int"];
  const fields: AttemptFields = {
    feed,
    correlationId: of("correlationId", text, false),
    pipelineName: of("pipelineName", text, false),
    stageName: of("stageName", text, false),
    status: of("status", ["enum"], false),
    attempt: of("attempt", ["int"], true),
    errorMessage: of("errorMessage", text, true),
    rowsIn: of("sourceRecordCount", long, true),
    rowsOut: of("processedRecordCount", long, true),
    durationMs: of("durationMs", long, true),
    quality: of("qualityScore", ["double", "float"], true),
  };
  const status = feed.fields[fields.status]?.type;
  const knowsAll = status?.kind === "enum" && status.symbols.every((symbol) => STATUSES.includes(symbol));
  const needed = [fields.correlationId, fields.pipelineName, fields.stageName];
  const ordering = feed.fields[feed.ordering]!.type;
  const isOrderedByTime = ordering.kind === "timestamp" && ordering.unit === "millis";
  return knowsAll && isOrderedByTime && !needed.includes(-1) ? fields : null;
}

/** Indexes of the fields that decide which problems there are. */
export function problemFields(fields: AttemptFields): number[] {
  const { feed, correlationId, pipelineName, stageName, status, attempt, errorMessage } = fields;
  const known = [correlationId, pipelineName, stageName, status, attempt, errorMessage];
  const ordered = [feed.key, feed.eventTime, feed.ordering, ...(feed.rank ? [feed.rank.field] : [])];
  return [...new Set([...known, ...ordered])].filter((field) => field >= 0);
}

/** Indexes of the fields that decide what runs and pipelines there are, problems too. */
export const runFields = (fields: AttemptFields): number[] =>
  [...problemFields(fields), fields.rowsIn, fields.rowsOut, fields.durationMs].filter((field) => field >= 0);

/** Names the attempt that an event belongs to, unique within a feed. */
export const attemptKeyOf = (fields: AttemptFields, row: Row): string =>
  JSON.stringify([
    row[fields.correlationId],
    row[fields.pipelineName],
    row[fields.stageName],
    attemptNumber(fields, row),
  ]);

export const attemptNumber = (fields: AttemptFields, row: Row): number =>
  (at(row, fields.attempt) as number | null) ?? 0;

const at = (row: Row, index: number): WireValue => (index < 0 ? null : (row[index] ?? null));

/** Order of the events of one attempt; the key decides only where design's order leaves a tie, so that all agree. */
const compareEvents = (fields: AttemptFields, a: Row, b: Row): number =>
  compareVersions(fields.feed, a, b) || compareText(keyOf(fields.feed, a), keyOf(fields.feed, b));

/**
 * The attempt of its events (at least one, in any order).
 *
 * It starts with its earliest event time, or as much earlier as its duration says when only its end was published, and ends
 * when the version that completed or failed it was made.
 */
export function attemptOf(fields: AttemptFields, rows: readonly Row[]): Attempt {
  let last = rows[0]!;
  let startedAt = eventTimeOf(fields.feed, last);
  for (const row of rows) {
    startedAt = Math.min(startedAt, eventTimeOf(fields.feed, row));
    if (compareEvents(fields, row, last) > 0) last = row;
  }
  const status = last[fields.status] as AttemptStatus;
  const updatedAt = last[fields.feed.ordering] as number;
  const hasEnded = status === "COMPLETED" || status === "FAILED";
  const duration = at(last, fields.durationMs);
  const durationMs = typeof duration === "number" ? duration : null;
  const endedAt = hasEnded ? Math.max(updatedAt, startedAt) : null;
  if (endedAt !== null && durationMs !== null && durationMs >= 0) startedAt = Math.min(startedAt, endedAt - durationMs);
  return {
    correlationId: last[fields.correlationId] as string,
    pipelineName: last[fields.pipelineName] as string,
    stageName: last[fields.stageName] as string,
    attempt: attemptNumber(fields, last),
    status,
    startedAt,
    updatedAt,
    endedAt,
    durationMs: durationMs ?? (endedAt === null ? null : endedAt - startedAt),
    rowsIn: newest(fields, rows, last, fields.rowsIn) as Count | null,
    rowsOut: newest(fields, rows, last, fields.rowsOut) as Count | null,
    error: (status === "COMPLETED"
      ? at(last, fields.errorMessage)
      : newest(fields, rows, last, fields.errorMessage)) as string | null,
    quality: scoreOf(newest(fields, rows, last, fields.quality)),
    last,
  };
}

/** A score outside 0 to 1 (percent, NaN) says nothing that could be compared. */
const scoreOf = (value: WireValue): number | null =>
  typeof value === "number" && value >= 0 && value <= 1 ? value : null;

/** The value of the newest event that has one. */
function newest(fields: AttemptFields, rows: readonly Row[], last: Row, index: number): WireValue {
  const value = at(last, index);
  if (value !== null || rows.length === 1) return value;
  let best: Row | null = null;
  for (const row of rows) {
    if (at(row, index) !== null && (best === null || compareEvents(fields, row, best) > 0)) best = row;
  }
  return best === null ? null : at(best, index);
}

/** An order of attempts by what names them: decides only where times are equal, so that all agree. */
export const compareAttemptNames = (a: Attempt, b: Attempt): number =>
  compareText(a.correlationId, b.correlationId) ||
  compareText(a.pipelineName, b.pipelineName) ||
  compareText(a.stageName, b.stageName) ||
  a.attempt - b.attempt;

/** Order of the attempts of one stage of a batch: by number, then by when they were last heard of. */
export const compareAttempts = (a: Attempt, b: Attempt): number =>
  a.attempt - b.attempt || a.updatedAt - b.updatedAt || compareAttemptNames(a, b);
