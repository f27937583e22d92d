/** One check of a table: what is so, what it should be, and what to do when it is not. */
import type { TableRole } from "./facts";

/**
 * - `ok`, `watch`, `bad`: within its limit, past it, far past it
 * - `note`: a number without a limit
 * - `unknown`: it cannot be told here, and `value` says why
 */
export type CheckState = "ok" | "watch" | "bad" | "note" | "unknown";

export interface Check {
  /** `commit-gap`; unique per table. */
  id: string;
  /** Null where it is of the feed as a whole. */
  table: TableRole | null;
  title: string;
  state: CheckState;
  /** The number itself, for machines; null where there is none. */
  number: number | null;
  unit: "ms" | "bytes" | "count" | "ratio" | "factor" | null;
  /** The number for people, with what belongs to it. */
  value: string;
  /** What it should be, for people; null where there is no limit. */
  limit: string | null;
  /** Why it matters. */
  why: string;
  /** What to do when it is past its limit. */
  cure: string;
  /** Instants that it is about, at most a few. */
  instants: readonly string[];
}

const SEVERITY: Readonly<Record<CheckState, number>> = { ok: 0, note: 0, unknown: 1, watch: 2, bad: 3 };

/** The most serious of them; what is not known does not make a table sick. */
export function worstOf(checks: readonly Pick<Check, "state">[]): "ok" | "watch" | "bad" {
  const worst = Math.max(0, ...checks.map(({ state }) => SEVERITY[state]));
  return worst === 3 ? "bad" : worst === 2 ? "watch" : "ok";
}

/** Most serious first; within that as they were given. */
export const bySeverity = (checks: readonly Check[]): Check[] =>
  [...checks].sort((a, b) => SEVERITY[b.state] - SEVERITY[a.state]);

type Told = Pick<Check, "state" | "number" | "unit" | "value"> & { instants?: readonly string[] };
type About = Omit<Check, "state" | "number" | "unit" | "value" | "instants">;

export const told = (about: About, { instants = [], ...what }: Told): Check => ({ ...about, ...what, instants });

export const notKnown = (about: About, why: string): Check => ({
  ...about,
  state: "unknown",
  number: null,
  unit: null,
  value: `not known here: ${why}`,
  instants: [],
});

/** The state of a number whose limit is a most. */
export const atMost = (value: number, watch: number, bad: number): CheckState =>
  value > bad ? "bad" : value > watch ? "watch" : "ok";

/** The value at a share of an ascending list, the nearest that is in it. @returns null for none */
export function percentile(ascending: readonly number[], share: number): number | null {
  if (ascending.length === 0) return null;
  return ascending[Math.min(ascending.length - 1, Math.max(0, Math.ceil(share * ascending.length) - 1))]!;
}

export const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);
