/**
 * Where a reader stands on a feed: `<epoch>.<instant>`, or `<epoch>.0` before the first commit. Opaque to clients.
 *
 * The epoch is a short hash of the table's identity, its restores and its breaking schema changes. Positions of different
 * epochs cannot be compared: a reader that holds one starts again.
 */
import type { Instant } from "./instant";

export type Position = string;

export interface ParsedPosition {
  epoch: string;
  /** `"0"` = before the first commit. */
  instant: Instant | "0";
}

const POSITION = /^([0-9a-z]{1,16})\.(0|\d{17})$/;

export const positionOf = (epoch: string, instant: Instant | "0" | null): Position => `${epoch}.${instant ?? "0"}`;

/** The parts of a position, or null when the text is none. */
export function parsePosition(text: string): ParsedPosition | null {
  const match = POSITION.exec(text);
  return match ? { epoch: match[1]!, instant: match[2]! } : null;
}

/**
 * Order of two positions of one epoch: negative when `a` is older. Null when their epochs differ or one is malformed, which
 * a caller must treat as "start again". (`"0"` sorts before every instant because instants start with a year.)
 */
export function comparePositions(a: Position, b: Position): number | null {
  const left = parsePosition(a);
  const right = parsePosition(b);
  if (!left || !right || left.epoch !== right.epoch) return null;
  return left.instant === right.instant ? 0 : left.instant < right.instant ? -1 : 1;
}

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
