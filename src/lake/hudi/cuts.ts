/**
 * Positions of a table that somebody else writes. Commits of several writers overlap: one that began earlier may complete later.
 * What a reader can be shown again later is only a cut: a state of the table in which every commit until an instant is complete
 * and none after it.
 *
 * - Tables of versions 8 and 9 tell when each commit completed. In the order of completion, a cut is where no commit that
 *   completes later began earlier; its instant is the greatest one seen, so that `TIMESTAMP AS OF` it means the same commits.
 * - Tables of version 6 do not. Every commit is taken for a cut; while commits are pending that began before it, the cut has a
 *   mark of them: when one of them completes or is rolled back the mark is another one, and who holds such a position starts
 *   again.
 */
import { createHash } from "node:crypto";
import { instantAt, type Instant } from "../../model/instant";
import type { Point } from "../../model/position";

/** A completed commit of the active timeline. */
export interface CompletedCommit {
  instant: Instant;
  /** Epoch ms, null where the table does not tell. */
  completedAt: number | null;
}

/** A point that the table can be read at. */
export interface Cut extends Point {
  instant: Instant;
  completedAt: number | null;
}

/** The active timeline of a table. */
export interface Commits {
  /** In any order. */
  completed: readonly CompletedCommit[];
  /** Instants of those that were begun and have neither completed nor been rolled back. */
  pending: readonly Instant[];
}

/**
 * Oldest first; the last one is the head, whatever is still to complete.
 *
 * @param tellsCompletion the table's timeline names the times of completion (versions 8 and 9)
 */
export function cutsOf(commits: Commits, tellsCompletion: boolean): Cut[] {
  return tellsCompletion ? cutsByCompletion(commits.completed) : markedCuts(commits);
}

/**
 * The commits of a timeline that contradict what it was when it was looked at before, and that no position tells of: commits
 * that were complete and are gone without having been archived, and (on version 6) commits that nobody knew of and that
 * began before others which were complete then. Positions from before mean nothing after that.
 */
export function rewritten(before: Commits, now: Commits, tellsCompletion: boolean): Instant[] {
  const known = new Set([...before.completed.map(({ instant }) => instant), ...before.pending]);
  const still = new Set(now.completed.map(({ instant }) => instant));
  const oldest = least(now.completed);
  const gone = before.completed.filter(({ instant }) => !still.has(instant) && oldest !== null && instant > oldest);
  const [first, last] = [least(before.completed), greatest(before.completed)];
  const isBetween = (instant: Instant) => first !== null && last !== null && instant > first && instant < last;
  const late = tellsCompletion ? [] : now.completed.filter(({ instant }) => !known.has(instant) && isBetween(instant));
  return [...gone, ...late].map(({ instant }) => instant).sort();
}

const least = (commits: readonly CompletedCommit[]): Instant | null =>
  commits.reduce<Instant | null>((a, { instant }) => (a === null || instant < a ? instant : a), null);
const greatest = (commits: readonly CompletedCommit[]): Instant | null =>
  commits.reduce<Instant | null>((a, { instant }) => (a === null || instant > a ? instant : a), null);

/** Whether `asked` is the point `cut`, as far as both tell. */
export const isPoint = (cut: Cut, asked: Point): boolean =>
  cut.instant === asked.instant && cut.completion === asked.completion && cut.mark === asked.mark;

function cutsByCompletion(commits: readonly CompletedCommit[]): Cut[] {
  const inOrder = commits
    .map((commit) => ({ ...commit, completion: instantAt(commit.completedAt ?? 0) }))
    .sort((a, b) => compare(a.completion, b.completion) || compare(a.instant, b.instant));
  const leastAfter: Instant[] = new Array<Instant>(inOrder.length);
  let least = "9";
  for (let i = inOrder.length - 1; i >= 0; i--) {
    leastAfter[i] = least;
    if (inOrder[i]!.instant < least) least = inOrder[i]!.instant;
  }
  const cuts: Cut[] = [];
  let greatest = "0";
  for (const [i, { instant, completion, completedAt }] of inOrder.entries()) {
    if (instant > greatest) greatest = instant;
    if (greatest < leastAfter[i]!) cuts.push({ instant: greatest, completion, completedAt });
  }
  return cuts;
}

function markedCuts({ completed, pending }: Commits): Cut[] {
  const inOrder = [...completed].sort((a, b) => compare(a.instant, b.instant));
  const open = [...pending].sort();
  return inOrder.map(({ instant, completedAt }) => {
    const before = open.filter((other) => other < instant);
    return { instant, completedAt, ...(before.length > 0 && { mark: markOf(before) }) };
  });
}

/** 8 hex digits. */
const markOf = (pending: readonly Instant[]): string =>
  createHash("sha256").update(pending.join("\n")).digest("hex").slice(0, 8);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
