/**
 * Decides what a frame does to the table on the page: which rows enter, change or leave, and when. Frames are gathered and
 * written together when the page may be written, the last value of each key. While somebody reads further down (or holds a row, or
 * has paused) nothing moves: cells change in place, arrivals and leaves wait behind a bar. DOM-free but for the table it is
 * given.
 */
import type { Floor } from "~/model/delta";
import type { Row } from "~/model/value";
import type { EventTable } from "./patcher";
import { comparePlaces, placeOrder, rowPlace, type PlaceShape } from "./place";

export interface TableFrame {
  up: readonly Row[];
  del: readonly string[];
  floor: Floor | null;
  /** Time of the instant that the view stands at after the frame, epoch ms. */
  instantMs: number;
}

export interface FollowOptions {
  shape: PlaceShape;
  table: EventTable;
  /** Whether a row belongs to the page's filter, the moving window apart. */
  matches: (row: Row) => boolean;
  /** Rows whose event time lies further than this before the instant age out; null = no such window. */
  windowMs: number | null;
  /** At most this many rows are on the page. */
  limit: number;
  /** Whether rows must stay where they are now. */
  isHeld: () => boolean;
  /** Told the number of changes that wait, whenever it changes. */
  onWaiting: (count: number) => void;
  /** Calls back once, soon. */
  schedule: (flush: () => void) => void;
  /** Called after the table ran short of rows though older ones match. */
  onShort: () => void;
}

export interface Follower {
  frame(frame: TableFrame): void;
  /** Rows that were accepted and are not committed yet, and previews to take back (null = all of them). */
  preview(up: readonly Row[], del: readonly string[] | null): void;
  /** Writes everything that waits. */
  release(): void;
}

export function followTable(options: FollowOptions): Follower {
  const { shape, table, matches, windowMs, limit, isHeld, onWaiting, schedule, onShort } = options;
  const gathered = new Map<string, Row | null>();
  const waiting = new Map<string, Row | null>();
  let floor: Floor | null = null;
  let cutoff: number | null = null;
  let scheduled = false;
  let told = 0;

  const order = placeOrder(shape);
  const isInside = (row: Row): boolean => {
    const place = rowPlace(shape, row);
    if (cutoff !== null && place.time < cutoff) return false;
    return floor === null || comparePlaces(place, { time: floor[0], key: floor[1] }) <= 0;
  };
  const trim = () => {
    // No event time lies between two milliseconds: everything older than the cutoff stands behind this place.
    if (cutoff !== null) table.trimOlder({ time: cutoff - 0.5, key: "" });
    if (floor !== null) table.trimOlder({ time: floor[0], key: floor[1] });
  };
  const tell = () => {
    if (waiting.size !== told) onWaiting((told = waiting.size));
  };
  const boundWaiting = () => {
    if (waiting.size <= 2 * limit) return;
    const rows = [...waiting].filter((entry): entry is [string, Row] => entry[1] !== null);
    rows.sort(([, a], [, b]) => order(rowPlace(shape, a), rowPlace(shape, b)));
    for (const [key] of rows.slice(limit)) waiting.delete(key);
  };
  const write = (changes: Map<string, Row | null>) => {
    table.apply(changes);
    trim();
    if (table.count() < limit && !table.isComplete()) onShort();
  };
  const flush = () => {
    scheduled = false;
    const changes = new Map(gathered);
    gathered.clear();
    if (!isHeld()) {
      for (const key of changes.keys()) waiting.delete(key);
      write(waiting.size === 0 ? changes : new Map([...waiting, ...changes]));
      waiting.clear();
    } else {
      for (const key of changes.keys()) waiting.delete(key);
      for (const [key, row] of table.applyInPlace(changes)) waiting.set(key, row);
      boundWaiting();
    }
    tell();
  };

  return {
    frame({ up, del, floor: newFloor, instantMs }) {
      floor = newFloor;
      cutoff = windowMs === null ? null : instantMs - windowMs;
      for (const key of del) gathered.set(key, null);
      for (const row of up) gathered.set(row[shape.key] as string, matches(row) && isInside(row) ? row : null);
      if (scheduled) return;
      scheduled = true;
      schedule(flush);
    },
    preview(up, del) {
      table.withdraw(del);
      const rows = new Map<string, Row>();
      for (const row of up) if (matches(row) && isInside(row)) rows.set(row[shape.key] as string, row);
      if (rows.size > 0) table.preview(rows, isHeld());
      if (table.count() < limit && !table.isComplete()) onShort();
    },
    release() {
      const changes = new Map(waiting);
      waiting.clear();
      write(changes);
      tell();
    },
  };
}
