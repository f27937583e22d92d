/** Which staged files the next commit takes: a bounded slice, new events before an old backlog. Pure. */
import type { Staged } from "./staging";

/** Rows of one commit. */
export const MAX_SLICE_ROWS = 20_000;
/** Files of one commit: an engine opens each of them, and the commit names them all. */
export const MAX_SLICE_FILES = 250;
/** Rows of a slice that new events may fill while there is a backlog, so that the backlog shrinks under any load. */
const FRESH_ROWS = 15_000;

export interface Slice {
  /** In the order of their names, which is the order of arrival. */
  files: Staged[];
  /** Files up to and including this name are backlog; null = none is left. */
  backlogUntil: string | null;
}

/**
 * @param staged all staged files, oldest first
 * @param backlogUntil what the last slice said; null at the beginning
 */
export function nextSlice(staged: readonly Staged[], backlogUntil: string | null): Slice {
  const split = backlogUntil === null ? 0 : staged.findIndex((file) => file.name > backlogUntil);
  const backlog = staged.slice(0, split < 0 ? staged.length : split);
  if (backlog.length > 0) {
    // The newest of what came in since then first, then the backlog from its old end.
    const fresh = newestWithin(staged.slice(backlog.length), FRESH_ROWS);
    const old = oldestWithin(backlog, MAX_SLICE_ROWS - rowsOf(fresh));
    return { files: [...old, ...fresh], backlogUntil };
  }
  const all = oldestWithin(staged, MAX_SLICE_ROWS);
  if (all.length === staged.length) return { files: all, backlogUntil: null };
  // More than a commit can take: what is the newest goes first, everything before it is the backlog.
  const newest = newestWithin(staged, MAX_SLICE_ROWS);
  return { files: newest, backlogUntil: staged[staged.length - newest.length - 1]!.name };
}

const rowsOf = (files: readonly Staged[]): number => files.reduce((sum, file) => sum + file.events, 0);

/** At least one file, so that no file is too large to be committed. */
function oldestWithin(files: readonly Staged[], maxRows: number): Staged[] {
  let rows = 0;
  const end = files.findIndex((file, i) => ((rows += file.events) > maxRows && i > 0) || i >= MAX_SLICE_FILES);
  return files.slice(0, end < 0 ? files.length : end);
}

const newestWithin = (files: readonly Staged[], maxRows: number): Staged[] =>
  oldestWithin(files.toReversed(), maxRows).reverse();
