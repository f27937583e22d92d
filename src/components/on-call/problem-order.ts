/** Unrecovered problems in the order in which an operator should look at them. Pure. */
import type { Problem } from "~/model/problem";
import { compareText } from "~/model/value";

/** A problem is new in the first hour of its present trouble. */
export const NEW_MS = 3_600_000;

export const isNew = ({ since }: Pick<Problem, "since">, now: number): boolean => now - since < NEW_MS;

export const isUnrecovered = ({ state }: Pick<Problem, "state">): boolean => state !== "recovered";

type Ordered = Pick<Problem, "id" | "state" | "since" | "batches">;

/**
 * What nobody has muted, what fails before what is still being tried, what is new, what reaches most batches, what began last;
 * the id only so that everybody has the same order.
 *
 * @param now epoch ms from which "new" counts
 */
export function compareProblems(now: number, isMuted: (id: string) => boolean): (a: Ordered, b: Ordered) => number {
  const weight = (problem: Ordered): number =>
    (isMuted(problem.id) ? 4 : 0) + (problem.state === "failing" ? 0 : 2) + (isNew(problem, now) ? 0 : 1);
  return (a, b) => weight(a) - weight(b) || b.batches - a.batches || b.since - a.since || compareText(a.id, b.id);
}
