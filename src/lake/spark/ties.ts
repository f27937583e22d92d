/** Which commits of log and state belong together, and which of the log's the state has yet to take. Pure. */
import type { Instant } from "../../model/instant";
import type { CompletedCommit } from "./table-timeline";

type Tieable = Pick<CompletedCommit, "instant" | "batchId">;

/** What ties a commit of the log to one of the state: the embedded engine gives both one instant, Spark's share a batch id. */
export const batchOf = ({ batchId, instant }: Tieable): string => batchId ?? instant;
export const isTied = (logged: Tieable, state: Tieable): boolean =>
  logged.instant === state.instant || batchOf(logged) === state.batchId;

/**
 * Commits of the log, all from the first one on that the state lacks, or has merged before the one that precedes it.
 *
 * @param oldestFirst those of the log @param inState those of the state, newest first
 */
export function notMerged<T extends Tieable>(oldestFirst: readonly T[], inState: readonly Tieable[]): T[] {
  const merged = oldestFirst.map((logged) => inState.find((state) => isTied(logged, state))?.instant ?? null);
  // What comes before the first one that is in the state has been merged long ago, and left the state's timeline.
  const first = Math.max(0, merged.findIndex((instant) => instant !== null)); // prettier-ignore
  const isMissing = (instant: Instant | null, i: number) =>
    i >= first && (instant === null || (i > first && instant < merged[i - 1]!));
  const missing = merged.findIndex(isMissing);
  return missing === -1 ? [] : oldestFirst.slice(missing);
}
