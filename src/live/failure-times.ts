/** When the rows of a hot window failed, kept along with the window: the failures on the line of time. */
import { eventTimeOf, type Feed } from "../model/feed";
import { TICK_MS } from "../model/time-line";
import type { Row } from "../model/value";

const FAILED = "FAILED";

/** Whether rows of a feed can be told to have failed. */
export function knowsFailures({ status, fields }: Feed): boolean {
  const type = status === null ? null : fields[status]!.type;
  return type?.kind === "enum" && type.symbols.includes(FAILED);
}

export class FailureTimes {
  readonly #feed: Feed;
  readonly #counts = new Map<number, number>();

  constructor(feed: Feed, rows: readonly Row[]) {
    this.#feed = feed;
    this.apply([], rows);
  }

  /** Failures by tick of their event time. */
  get counts(): ReadonlyMap<number, number> {
    return this.#counts;
  }

  /** @param removed rows that left the window @param added rows that came; a changed row is in both */
  apply(removed: readonly Row[], added: readonly Row[]): void {
    for (const row of removed) this.#add(row, -1);
    for (const row of added) this.#add(row, 1);
  }

  #add(row: Row, by: number): void {
    if (row[this.#feed.status!] !== FAILED) return;
    const tick = Math.floor(eventTimeOf(this.#feed, row) / TICK_MS);
    const count = (this.#counts.get(tick) ?? 0) + by;
    if (count === 0) this.#counts.delete(tick);
    else this.#counts.set(tick, count);
  }
}
