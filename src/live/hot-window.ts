/**
 * The newest rows of a feed's state, ordered as pages show them (event time descending, key ascending), moved forward by
 * deltas. Rows that others push out are not reported as deleted; the floor says where the window ends.
 *
 * A few rows beyond the window (the reserve) are held too, so that rows which leave by themselves (retention, a changed event
 * time) are replaced from memory. When the reserve is used up the window is `starved`, and the owner refills it from the lake.
 */
import type { Floor } from "../model/delta";
import { compareRows, eventTimeOf, keyOf, type Feed } from "../model/feed";
import type { Row } from "../model/value";
import { rowInterner } from "./intern";

/** What changed among the visible rows. A changed row is in both lists. */
export interface WindowChange {
  /** Rows that followers must have. */
  up: Row[];
  /** Keys that followers must drop; rows that were only pushed out are not among them. */
  del: string[];
  /** Every row that stopped being visible, and every one that began to: what folds and counts are kept by. */
  removed: Row[];
  added: Row[];
}

export const reserveOf = (capacity: number): number => Math.max(16, Math.ceil(capacity / 50));

export class HotWindow {
  readonly #feed: Feed;
  readonly #intern: (row: Row) => Row;
  readonly capacity: number;
  #held: Row[];
  #visible: readonly Row[] = [];
  readonly #byKey = new Map<string, Row>();
  /** The state may hold rows behind the last held one. */
  #beyond: boolean;

  /**
   * @param rows the newest rows in order; `capacity + reserveOf(capacity)` of them if the state has so many
   * @param beyond whether the state may have more rows than these
   */
  constructor(feed: Feed, capacity: number, rows: readonly Row[], beyond: boolean) {
    this.#feed = feed;
    this.#intern = rowInterner(feed);
    this.capacity = capacity;
    this.#held = rows.map(this.#intern);
    this.#beyond = beyond;
    for (const row of this.#held) this.#byKey.set(keyOf(feed, row), row);
    this.#show();
  }

  /** A new array after each change, never changed afterwards. */
  get rows(): readonly Row[] {
    return this.#visible;
  }

  get floor(): Floor | null {
    const last = this.#floorRow();
    return last && [eventTimeOf(this.#feed, last), keyOf(this.#feed, last)];
  }

  /** The row of a key among those that are held. */
  row(key: string): Row | null {
    return this.#byKey.get(key) ?? null;
  }

  /** The oldest row, if the state may have older ones. */
  get last(): Row | null {
    return this.#floorRow();
  }

  /** The place behind which a refill begins, and how many rows it needs; null while the window is as full as it can be. */
  get starved(): { after: Row | null; limit: number } | null {
    if (!this.#beyond || this.#held.length >= this.capacity) return null;
    return { after: this.#held.at(-1) ?? null, limit: this.capacity + reserveOf(this.capacity) - this.#held.length };
  }

  /** Moves the window by what changed in the state. */
  apply(up: readonly Row[], del: readonly string[]): WindowChange {
    const before = this.#visible;
    const floorBefore = this.#floorRow();
    const changes = this.#plan(up, del);
    this.#merge(changes);
    this.#trim();
    this.#show();
    return this.#difference(changes, before, floorBefore);
  }

  /** Adds the rows that follow the last held one, at the first load and later. The change is what became visible by it. */
  refill(rows: readonly Row[], beyond: boolean): WindowChange {
    const from = this.#held.length;
    this.#held = this.#held.concat(rows.map(this.#intern));
    for (const row of this.#held.slice(from)) this.#byKey.set(keyOf(this.#feed, row), row);
    this.#beyond = beyond;
    const before = this.#visible.length;
    this.#show();
    const added = this.#visible.slice(before);
    return { up: added, del: [], removed: [], added };
  }

  /** Old and new row of every key that the delta names and that is, or comes to be, held. */
  #plan(up: readonly Row[], del: readonly string[]): Map<string, { old: Row | null; now: Row | null }> {
    const changes = new Map<string, { old: Row | null; now: Row | null }>();
    for (const key of del) {
      const old = this.#byKey.get(key);
      if (old) changes.set(key, { old, now: null });
    }
    const last = this.#beyond ? this.#held.at(-1) : undefined;
    for (const row of up) {
      const key = keyOf(this.#feed, row);
      const old = this.#byKey.get(key) ?? null;
      // Behind the last held row the state has rows that are not known here: such a row is not the next one.
      const isHeld = !this.#beyond || (last !== undefined && compareRows(this.#feed, row, last) <= 0);
      if (isHeld) changes.set(key, { old, now: this.#intern(row) });
      else if (old) changes.set(key, { old, now: null });
    }
    return changes;
  }

  #merge(changes: Map<string, { old: Row | null; now: Row | null }>): void {
    const gone = new Set<Row>();
    const come: Row[] = [];
    let copy: Row[] | null = null;
    for (const [key, { old, now }] of changes) {
      if (now) this.#byKey.set(key, now);
      else this.#byKey.delete(key);
      if (old && now && eventTimeOf(this.#feed, old) === eventTimeOf(this.#feed, now)) {
        copy ??= this.#held.slice();
        copy[this.#placeOf(old)] = now;
      } else {
        if (old) gone.add(old);
        if (now) come.push(now);
      }
    }
    const held = copy ?? this.#held;
    this.#held = gone.size + come.length === 0 ? held : this.#merged(held, gone, come);
  }

  /** Changes are nearly always among the newest rows: only the part of the list that they reach into is merged. */
  #merged(held: readonly Row[], gone: ReadonlySet<Row>, come: Row[]): Row[] {
    come.sort((a, b) => compareRows(this.#feed, a, b));
    let end = come.length > 0 ? this.#placeOf(come.at(-1)!) : 0;
    for (const row of gone) end = Math.max(end, this.#placeOf(row));
    end = Math.min(end + 1, held.length);
    const merged: Row[] = [];
    let next = 0;
    for (let i = 0; i < end; i++) {
      const row = held[i]!;
      if (gone.size > 0 && gone.has(row)) continue;
      while (next < come.length && compareRows(this.#feed, come[next]!, row) < 0) merged.push(come[next++]!);
      merged.push(row);
    }
    while (next < come.length) merged.push(come[next++]!);
    return merged.concat(held.slice(end));
  }

  #trim(): void {
    const most = this.capacity + reserveOf(this.capacity);
    if (this.#held.length <= most) return;
    for (const row of this.#held.slice(most)) this.#byKey.delete(keyOf(this.#feed, row));
    this.#held.length = most;
    this.#beyond = true;
  }

  #show(): void {
    this.#visible = this.#held.length <= this.capacity ? this.#held.slice() : this.#held.slice(0, this.capacity);
  }

  #difference(
    changes: ReadonlyMap<string, { old: Row | null; now: Row | null }>,
    before: readonly Row[],
    floorBefore: Row | null,
  ): WindowChange {
    const change: WindowChange = { up: [], del: [], removed: [], added: [] };
    const floorAfter = this.#floorRow();
    const within = (row: Row, floor: Row | null) => floor === null || compareRows(this.#feed, row, floor) <= 0;
    for (const [key, { old, now }] of changes) {
      const was = old !== null && within(old, floorBefore);
      const is = now !== null && within(now, floorAfter);
      if (was) change.removed.push(old);
      if (is) {
        change.added.push(now);
        change.up.push(now);
      } else if (was) change.del.push(key);
    }
    for (const row of behind(before, floorAfter, within)) {
      if (!changes.has(keyOf(this.#feed, row))) change.removed.push(row);
    }
    for (const row of behind(this.#visible, floorBefore, within)) {
      if (changes.has(keyOf(this.#feed, row))) continue;
      change.added.push(row);
      change.up.push(row);
    }
    return change;
  }

  /** The oldest visible row, if rows behind it were left out. */
  #floorRow(): Row | null {
    const cut = this.#held.length > this.capacity || this.#beyond;
    return cut ? (this.#visible.at(-1) ?? null) : null;
  }

  #placeOf(row: Row): number {
    let low = 0;
    let high = this.#held.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareRows(this.#feed, this.#held[middle]!, row) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function* behind(rows: readonly Row[], floor: Row | null, within: (row: Row, floor: Row | null) => boolean) {
  for (let i = rows.length - 1; i >= 0 && !within(rows[i]!, floor); i--) yield rows[i]!;
}
