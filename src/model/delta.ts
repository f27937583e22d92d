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
