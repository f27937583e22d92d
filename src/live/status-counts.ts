/**
 * Rows per status, kept along with the hot window: over the whole of it, and over the last 24 hours before the position's
 * instant (never before "now": an answer of an instant does not change). Work per commit follows what changed and what aged.
 */
import type { StatusCounts } from "../model/delta";
import { eventTimeOf, type Feed } from "../model/feed";
import type { Row } from "../model/value";

export const DAY_MS = 86_400_000;

type Tally = Map<string, number>;

export class WindowCounts {
  readonly #feed: Feed;
  readonly #window: Tally = new Map();
  readonly #day: Tally = new Map();
  #cutoff: number;

  /** @param instantMs time of the position's instant; 0 before the first commit */
  constructor(feed: Feed, rows: readonly Row[], instantMs: number) {
    this.#feed = feed;
    this.#cutoff = instantMs - DAY_MS;
    for (const row of rows) this.#add(row, 1);
  }

  /** @param rows the visible rows after the change, in window order */
  apply(removed: readonly Row[], added: readonly Row[], rows: readonly Row[], instantMs: number): void {
    for (const row of removed) this.#add(row, -1);
    for (const row of added) this.#add(row, 1);
    const cutoff = instantMs - DAY_MS;
    const before = this.#cutoff;
    this.#cutoff = cutoff;
    for (let i = this.#firstOlderThan(rows, cutoff); i < rows.length; i++) {
      const row = rows[i]!;
      if (eventTimeOf(this.#feed, row) < before) break;
      bump(this.#day, this.#statusOf(row), -1);
    }
  }

  /** Null for a feed without a status field. */
  read(): StatusCounts | null {
    if (this.#feed.status === null) return null;
    return { window: Object.fromEntries(this.#window), day: Object.fromEntries(this.#day) };
  }

  #add(row: Row, by: number): void {
    const status = this.#statusOf(row);
    bump(this.#window, status, by);
    if (eventTimeOf(this.#feed, row) >= this.#cutoff) bump(this.#day, status, by);
  }

  #statusOf(row: Row): string {
    return this.#feed.status === null ? "" : (row[this.#feed.status] as string);
  }

  #firstOlderThan(rows: readonly Row[], cutoff: number): number {
    let low = 0;
    let high = rows.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (eventTimeOf(this.#feed, rows[middle]!) >= cutoff) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function bump(tally: Tally, status: string, by: number): void {
  const count = (tally.get(status) ?? 0) + by;
  if (count === 0) tally.delete(status);
  else tally.set(status, count);
}
