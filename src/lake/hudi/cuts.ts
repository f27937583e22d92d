/**
 * Positions of a table that somebody else writes. Commits of several writers overlap: one that began earlier may complete later.
 * What a reader can be shown again later is only a cut: a state of the table in which every commit until an instant is complete
 * and none after it.
 *
 * - Tables of versions 8 and 9 tell when each commit completed. In the order of completion, a cut is where no commit that
 *   completes later began earlier; its instant is the greatest one seen, so that `TIMESTAMP AS OF` it means the same commits.
 * - Tables of version 6 do not. Every commit is taken for a cut, and carries a mark of the commits before it: a commit that
 *   completes late changes the marks of all later ones, and who holds such a position starts again.
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

/** Commits that a mark covers. */
export const MARKED = 20;

/**
 * Oldest first; the last one is the head, whatever is still to complete.
 *
 * @param commits completed ones in any order
 * @param tellsCompletion the table's timeline names the times of completion (versions 8 and 9)
 */
export function cutsOf(commits: readonly CompletedCommit[], tellsCompletion: boolean): Cut[] {
  return tellsCompletion ? cutsByCompletion(commits) : markedCuts(commits);
}

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

function markedCuts(commits: readonly CompletedCommit[]): Cut[] {
  const inOrder = [...commits].sort((a, b) => compare(a.instant, b.instant));
  return inOrder.map(({ instant, completedAt }, i) => {
    const seen = inOrder.slice(Math.max(0, i + 1 - MARKED), i + 1);
    return { instant, mark: markOf(seen.map((commit) => commit.instant)), completedAt };
  });
}

/** Hash of the last completed commits until a point, 8 hex digits. */
const markOf = (instants: readonly Instant[]): string =>
  createHash("sha256").update(instants.join("\n")).digest("hex").slice(0, 8);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
