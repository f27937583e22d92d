/**
 * Where a reader stands on a feed: `<epoch>.<point>`, or `<epoch>.0` before the first commit. Opaque to clients.
 *
 * The epoch is a short hash of the table's identity, its restores and its breaking schema changes. Positions of different
 * epochs cannot be compared: a reader that holds one starts again. A point is
 * - `<instant>` where one committer makes commits complete in the order in which they begin: tables that Weir writes;
 * - `<instant>-<mark>` on tables of others that tell only when a commit began: the mark is a hash of the commits that were
 *   complete, so that one that completes late makes another position;
 * - `<completion>_<instant>` on tables that tell when a commit completed, in the order of completion.
 */
import type { Instant } from "./instant";

export type Position = string;

/** What a position stands at, without its epoch. */
export interface Point {
  /** The greatest instant whose commit is seen; `"0"` = before the first commit. */
  instant: Instant | "0";
  /** When the last of the commits that are seen completed, where the table tells that. */
  completion?: Instant;
  /** Hash of the commits that are seen, where the table tells nothing better. */
  mark?: string;
}

export interface ParsedPosition extends Point {
  epoch: string;
}

const POSITION = /^([0-9a-z]{1,16})\.(?:(?:(\d{17})_)?(\d{17})|(\d{17})-([0-9a-f]{8})|0)$/;

/** @param at an instant for tables of one committer, null or `"0"` before the first commit */
export function positionOf(epoch: string, at: Instant | "0" | Point | null): Position {
  if (at === null || typeof at === "string") return `${epoch}.${at ?? "0"}`;
  if (at.completion !== undefined) return `${epoch}.${at.completion}_${at.instant}`;
  return `${epoch}.${at.instant}${at.mark === undefined ? "" : `-${at.mark}`}`;
}

/** The parts of a position, or null when the text is none. */
export function parsePosition(text: string): ParsedPosition | null {
  const match = POSITION.exec(text);
  if (!match) return null;
  const [, epoch, completion, instant, marked, mark] = match;
  if (completion !== undefined) return { epoch: epoch!, instant: instant!, completion };
  if (mark !== undefined) return { epoch: epoch!, instant: marked!, mark };
  return { epoch: epoch!, instant: instant ?? "0" };
}

/**
 * Order of two positions of one epoch: negative when `a` is older. Null when their epochs differ or one is malformed, or when
 * they are of one instant and differ in what was complete, which a caller must treat as "start again". (`"0"` sorts before
 * every instant because instants start with a year.)
 */
export function comparePositions(a: Position, b: Position): number | null {
  const left = parsePosition(a);
  const right = parsePosition(b);
  if (!left || !right || left.epoch !== right.epoch) return null;
  const order = compareTexts(left.completion ?? left.instant, right.completion ?? right.instant);
  if (order !== 0) return order;
  return left.mark === right.mark ? compareTexts(left.instant, right.instant) : null;
}

const compareTexts = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);

export type FrameDecision = "apply" | "drop" | "gap" | "reset";

/**
 * What a follower at `cursor` does with a frame `(from, to]` (docs/live-protocol.md): apply it iff `from <= cursor < to`.
 * A frame that it already has is dropped, one that starts later means frames were lost, another epoch means start again.
 */
export function decideFrame(cursor: Position, from: Position, to: Position): FrameDecision {
  const fromOrder = comparePositions(from, cursor);
  const toOrder = comparePositions(to, cursor);
  if (fromOrder === null || toOrder === null) return "reset";
  if (toOrder <= 0) return "drop";
  return fromOrder <= 0 ? "apply" : "gap";
}
