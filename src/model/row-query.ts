/**
 * The parameters of `rows`, on pages and in calls alike: which rows, as of when, how many, from where on. Parsing is in two
 * steps, because relative times of `from` and `to` count from the instant of the answer, which is known only after `at` was
 * resolved. Pure.
 */
import { AppError } from "./app-error";
import { decimalText, unscaled } from "./decimal";
import { fieldIndex, type Feed } from "./feed";
import type { ColumnFilter, Filter } from "./filter";
import { isInstant, type Instant } from "./instant";
import { parsePosition, type Position } from "./position";

/** What `at` names. */
export type AtQuery = { instant: Instant } | { position: Position } | { time: number };

/** A time of `from` or `to`: absolute, or counted back from the instant of the answer. Epoch ms and ms. */
export type TimeBound = { kind: "at"; ms: number } | { kind: "before"; ms: number };

export interface RowPlace {
  eventTime: number;
  key: string;
}

export interface RowQuery {
  at: AtQuery | null;
  from: TimeBound | null;
  to: TimeBound | null;
  text: string | null;
  columns: readonly ColumnFilter[];
  limit: number;
  /** The last row of the page before, and the position that all pages of one answer share. */
  after: { position: Position; place: RowPlace } | null;
}

export interface RowQueryLimits {
  limit: number;
  maxLimit: number;
  /** Further parameters that the caller reads itself. */
  others?: readonly string[];
}

export const DAY_MS = 86_400_000;

const RELATIVE = /^-(\d{1,7})(s|m|h|d)$/;
const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: DAY_MS } as const;
const ISO = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?$/;
const EPOCH_MS = /^\d{12,14}$/;

/**
 * A point in time as people and programs write it: epoch ms, ISO (without a zone it is UTC), `-2h` or `now`.
 *
 * @returns null when the text is none of these
 */
export function parseTime(text: string): TimeBound | null {
  if (text === "now") return { kind: "before", ms: 0 };
  const relative = RELATIVE.exec(text);
  if (relative) return { kind: "before", ms: Number(relative[1]) * UNIT_MS[relative[2] as keyof typeof UNIT_MS] };
  if (EPOCH_MS.test(text)) return { kind: "at", ms: Number(text) };
  if (!ISO.test(text)) return null;
  const iso = text.replace(" ", "T");
  const ms = Date.parse(iso.includes("T") && !/(Z|[+-]\d\d:\d\d)$/.test(iso) ? `${iso}Z` : iso);
  return Number.isNaN(ms) ? null : { kind: "at", ms };
}

const TIME_FORMS = "an ISO time such as 2026-11-21T10:15Z, epoch milliseconds, or a relative time such as -2h";

/** @throws AppError bad-parameter */
export function parseAt(text: string, now: number): AtQuery {
  if (isInstant(text)) return { instant: text };
  if (parsePosition(text)) return { position: text };
  const time = parseTime(text);
  if (time) return { time: absolute(time, now) };
  throw bad("at", text, `an instant of 17 digits, ${TIME_FORMS}`);
}

/** Whether `at` moves with the clock: pages turn such an address into a fixed one. */
export const isRelative = (text: string): boolean => parseTime(text)?.kind === "before";

export const absolute = (bound: TimeBound, instantMs: number): number =>
  bound.kind === "at" ? bound.ms : instantMs - bound.ms;

/**
 * @param now epoch ms, for a relative `at`
 * @throws AppError bad-parameter that names the parameter and the cure
 */
export function parseRowQuery(feed: Feed, params: URLSearchParams, now: number, limits: RowQueryLimits): RowQuery {
  const query: RowQuery = { at: null, from: null, to: null, text: null, columns: [], limit: limits.limit, after: null };
  const columns = new Map<string, ColumnFilter & { values: (string | number | boolean | null)[] }>();
  for (const [name, value] of params) {
    if (limits.others?.includes(name)) continue;
    switch (name) {
      case "at":
        query.at = parseAt(value, now);
        break;
      case "from":
      case "to":
        query[name] = parseTime(value) ?? fail(bad(name, value, TIME_FORMS));
        break;
      case "q":
        query.text = value === "" ? null : value;
        break;
      case "limit":
        query.limit = parseLimit(value, limits.maxLimit);
        break;
      case "after":
        query.after = parseNext(value) ?? fail(bad(name, value, "what `next` of the page before said"));
        break;
      default:
        addColumn(feed, columns, name, value);
    }
  }
  return { ...query, columns: [...columns.values()] };
}

/** The filter of a query at the instant of its answer; without `from`, the 24 hours before it. */
export function filterOf(query: RowQuery, instantMs: number): Filter {
  return {
    from: absolute(query.from ?? { kind: "before", ms: DAY_MS }, instantMs),
    to: query.to && absolute(query.to, instantMs),
    text: query.text,
    columns: query.columns,
  };
}

/** `next` of an answer: opaque to clients. */
export const nextOf = (position: Position, { eventTime, key }: RowPlace): string =>
  encode(JSON.stringify([position, eventTime, key]));

function parseNext(text: string): RowQuery["after"] {
  try {
    const parsed: unknown = JSON.parse(decode(text));
    if (!Array.isArray(parsed) || parsed.length !== 3) return null;
    const [position, eventTime, key] = parsed as unknown[];
    if (typeof position !== "string" || !parsePosition(position)) return null;
    if (!Number.isSafeInteger(eventTime) || typeof key !== "string") return null;
    return { position, place: { eventTime: eventTime as number, key } };
  } catch {
    // Not base64url or not JSON: the caller names the parameter.
    return null;
  }
}

function encode(text: string): string {
  const bytes = new TextEncoder().encode(text);
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
}

function decode(text: string): string {
  const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}

function parseLimit(text: string, max: number): number {
  const limit = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > max) throw bad("limit", text, `a whole number from 1 to ${max}`);
  return limit;
}

function addColumn(
  feed: Feed,
  columns: Map<string, ColumnFilter & { values: (string | number | boolean | null)[] }>,
  parameter: string,
  text: string,
): void {
  const negated = parameter.endsWith("!");
  const name = negated ? parameter.slice(0, -1) : parameter;
  const field = fieldIndex(feed, name);
  if (field < 0) {
    const names = feed.fields.map((known) => known.name).join(", ");
    throw new AppError("bad-parameter", `There is no parameter ${JSON.stringify(parameter)}: columns are ${names}.`, {
      parameter,
    });
  }
  const value = text === "" ? null : columnValue(feed, field, parameter, text);
  const known = columns.get(parameter);
  if (known) known.values.push(value);
  else columns.set(parameter, { field, negated, values: [value] });
}

/** A value in the form in which rows carry it. */
function columnValue(feed: Feed, field: number, parameter: string, text: string): string | number | boolean {
  const { type } = feed.fields[field]!;
  switch (type.kind) {
    case "string":
    case "enum":
      return text;
    case "decimal": {
      if (!/^-?\d{1,100}(\.\d{1,100})?$/.test(text)) throw bad(parameter, text, "a decimal number like 12.50");
      const value = unscaled(text, type.scale);
      // With more digits than the column has it equals no value of it; it stays as it is, for the answer is then no row.
      return value === null ? text : decimalText(value, type.scale);
    }
    case "boolean":
      if (text === "true" || text === "false") return text === "true";
      throw bad(parameter, text, "true or false");
    case "int":
    case "long":
    case "date":
      if (!/^-?\d{1,19}$/.test(text)) throw bad(parameter, text, "a whole number");
      return Number.isSafeInteger(Number(text)) ? Number(text) : BigInt(text).toString();
    case "float":
    case "double":
      if (/^(NaN|-?Infinity)$/.test(text)) return text;
      if (text.trim() === "" || Number.isNaN(Number(text))) throw bad(parameter, text, "a number");
      return Number(text);
    case "timestamp": {
      const time = parseTime(text);
      if (time?.kind !== "at") throw bad(parameter, text, "an ISO time or epoch milliseconds");
      return type.unit === "millis" ? time.ms : time.ms * 1_000;
    }
    default:
      throw new AppError(
        "bad-parameter",
        `Rows cannot be filtered by ${feed.fields[field]!.name}: it is no single value.`,
        {
          parameter,
        },
      );
  }
}

const bad = (parameter: string, value: string, expected: string): AppError =>
  new AppError("bad-parameter", `${parameter} must be ${expected}, not ${JSON.stringify(value.slice(0, 200))}.`, {
    parameter,
  });

function fail(error: AppError): never {
  throw error;
}
