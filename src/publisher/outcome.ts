/** What became of an event that a publisher took. */

/** Why the far end does not take an event; it is not sent again. */
export interface Refusal {
  /** A sentence of the far end's. */
  reason: string;
  /** Where in the event, `labels.team`; null = the event as a whole, or the request. */
  field: string | null;
  /** Id of the dead letter in which the server keeps it; null where nothing was stored. */
  deadLetter: string | null;
}

export type Outcome =
  /** The far end has it on disk. */
  | { state: "acknowledged" }
  /** It is in the spool, on this machine's disk, and is sent when the far end is back; `reason` says why it had to wait. */
  | { state: "spooled"; reason: string }
  | ({ state: "rejected" } & Refusal)
  /** It was neither taken nor kept: the far end is away and there is no spool, or no room in it. */
  | { state: "lost"; reason: string };

/** What happens without anybody waiting for it. */
export type Notice =
  /** Nothing is acknowledged any more; said once until it is `back`. */
  | { kind: "away"; reason: string }
  | { kind: "back" }
  /** An event of the spool was rejected. `line` is the event as JSON. */
  | ({ kind: "rejected"; line: string } & Refusal)
  /** The far end refuses the sender (a token, a feed that it does not know): the spool is kept for the next start. */
  | { kind: "held"; reason: string }
  /** The spool cannot be read or written. */
  | { kind: "spool"; reason: string };
