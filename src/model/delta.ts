/** What changed between two positions: the form in which every view, stream and `changes` answer speaks. */
import type { Position } from "./position";
import type { Row } from "./value";

export interface Delta {
  from: Position;
  to: Position;
  /** State rows at `to` that changed in `(from, to]`. */
  up: readonly Row[];
  /** Keys that left. */
  del: readonly string[];
}

/**
 * The place of the oldest row of a hot window, `[event time in epoch ms, key]`; rows behind it are not part of the view and a
 * follower drops them. Null while nothing was pushed out.
 */
export type Floor = readonly [number, string];

/** Rows per value of the status field: over the whole hot window, and over the 24 h before the position's instant. */
export interface StatusCounts {
  window: Readonly<Record<string, number>>;
  day: Readonly<Record<string, number>>;
}

/** A delta of a view, with what a follower needs beside the rows. */
export interface ViewDelta extends Delta {
  floor: Floor | null;
  /** Epoch ms at which the commit of `to` completed: the age of the data. Null before the first commit. */
  at: number | null;
  /** Absolute counts at `to`; null for views without a status field. */
  counts: StatusCounts | null;
}
