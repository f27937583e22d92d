/**
 * The far end as a publisher sees it: it takes events in order, a request at a time, and says what became of them. It never
 * throws for what a network or a server does; it does not retry.
 */
import type { Refusal } from "./outcome.js";

export type Answer =
  /** Each was judged: all were taken but those named by their index. */
  | { kind: "taken"; rejected: ReadonlyMap<number, Refusal> }
  /** None was, for what they are: sending the same again is no use, sending fewer may be. */
  | { kind: "unacceptable"; refusal: Refusal }
  /** None was, for who sends them or where to: no other event would fare better. */
  | { kind: "unwelcome"; reason: string }
  /** Whether they were taken is not known: sending them again is of use, and does no harm. */
  | { kind: "away"; reason: string; retryAfterMs: number | null };

export interface Transport {
  /** @param lines events as JSON, each on one line */
  send(lines: readonly string[], signal: AbortSignal): Promise<Answer>;
  close(): Promise<void>;
}
