/**
 * What changed between two instants, in the words of people on call: what newly fails, what recovered, what came and went. The
 * rows of a view at both instants come in, nothing of how they were read.
 */
import type { RunState } from "./batch";
import type { ProblemState } from "./problem";
import { sameValue, type Row } from "./value";

export const CHANGE_KINDS = ["newlyFailing", "recovered", "appeared", "changed", "disappeared"] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** A row of a view that is not the same at both instants; null where it was not there. */
export interface RowChange {
  key: string;
  before: Row | null;
  after: Row | null;
}

export type ChangeCounts = Record<ChangeKind, number>;

export const noChanges = (): ChangeCounts => ({
  newlyFailing: 0,
  recovered: 0,
  appeared: 0,
  changed: 0,
  disappeared: 0,
});

/** What changed between two states of a keyed view, in the order of the later one, what has gone last. */
export function changesBetween(key: number, before: readonly Row[], after: readonly Row[]): RowChange[] {
  const old = new Map(before.map((row) => [row[key] as string, row]));
  const changes: RowChange[] = [];
  for (const row of after) {
    const name = row[key] as string;
    const known = old.get(name) ?? null;
    if (known === null || !sameValue(known, row)) changes.push({ key: name, before: known, after: row });
    old.delete(name);
  }
  for (const [name, row] of old) changes.push({ key: name, before: row, after: null });
  return changes;
}

/** The later state, from the earlier one and what changed; in no order. */
export function applyChanges(key: number, before: readonly Row[], changes: readonly RowChange[]): Row[] {
  const rows = new Map(before.map((row) => [row[key] as string, row]));
  for (const { key: name, after } of changes) {
    if (after === null) rows.delete(name);
    else rows.set(name, after);
  }
  return [...rows.values()];
}

/** @param before, after its state at both instants, null = it was not there */
export function kindOf(before: ProblemState | RunState | null, after: ProblemState | RunState | null): ChangeKind {
  if (after === null) return "disappeared";
  if (isFailing(after) && !isFailing(before)) return "newlyFailing";
  if (isWell(after) && before !== null && isInTrouble(before)) return "recovered";
  return before === null ? "appeared" : "changed";
}

type State = ProblemState | RunState | null;
const isFailing = (state: State): boolean => state === "failing" || state === "failed";
const isWell = (state: State): boolean => state === "recovered" || state === "completed";
const isInTrouble = (state: State): boolean => isFailing(state) || state === "retrying";

/** How a pipeline stands by its problems. */
export type Standing = "failing" | "retrying" | "well";

export function standingOf(states: Iterable<ProblemState>): Standing {
  let standing: Standing = "well";
  for (const state of states) {
    if (state === "failing") return "failing";
    if (state === "retrying") standing = "retrying";
  }
  return standing;
}

export function countKinds(kinds: Iterable<ChangeKind>): ChangeCounts {
  const counts = noChanges();
  for (const kind of kinds) counts[kind]++;
  return counts;
}
