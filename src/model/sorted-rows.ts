/**
 * Rows of a feed in another order than that of their event times: those of the hot window that match are put in order, now
 * and at past instants alike. What lies behind the window is not looked at, and every answer says from when on it was.
 */
import { AppError } from "./app-error";
import type { Floor } from "./delta";
import { eventTimeOf, keyOf, type Feed } from "./feed";
import { matcher, type Filter } from "./filter";
import type { RowPlace, RowQuery } from "./row-query";
import { firstRows, rowOrder, type RowSort } from "./row-sort";
import type { Row } from "./value";

/** A hot window: its rows, and the oldest of them if more lie behind it. */
interface Window {
  rows: readonly Row[];
  floor: Floor | null;
}

export interface SortedRows {
  rows: Row[];
  /** Where the next page begins, null when this is the last. */
  next: RowPlace | null;
  /** Rows that were put in order. */
  total: number;
  /** Everything from here on was looked at, event time in epoch ms; null = everything that there is. */
  sortedFrom: number | null;
}

export interface SortQuery {
  feed: Feed;
  sort: RowSort;
  filter: Filter;
  limit: number;
  /** The last row of the page before; it is one of the window. */
  after: RowQuery["after"];
}

/** @throws AppError bad-parameter when `after` names no row of the window */
export function sortedRows(window: Window, query: SortQuery): SortedRows {
  const { feed, sort, filter, limit } = query;
  const order = rowOrder(feed, sort);
  const last = lastOfBefore(window.rows, query);
  const matches = matcher(feed, filter);
  const matching = window.rows.filter(matches);
  const left = last === null ? matching : matching.filter((row) => order(row, last) > 0);
  const found = firstRows(left, order, limit + 1);
  const rows = found.slice(0, limit);
  const end = found.length > limit ? rows.at(-1)! : null;
  const { floor } = window;
  return {
    rows,
    next: end && { eventTime: eventTimeOf(feed, end), key: keyOf(feed, end) },
    total: matching.length,
    sortedFrom: floor !== null && (filter.from === null || filter.from <= floor[0]) ? floor[0] : null,
  };
}

function lastOfBefore(rows: readonly Row[], { feed, after }: SortQuery): Row | null {
  if (after === null) return null;
  const { eventTime, key } = after.place;
  const last = rows.find((row) => eventTimeOf(feed, row) === eventTime && keyOf(feed, row) === key);
  if (last) return last;
  throw new AppError("bad-parameter", "after names no row that is sorted here: begin again without it.", {
    parameter: "after",
  });
}
