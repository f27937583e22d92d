/** Where a row stands on the page: event time descending, then key ascending, unless another order was chosen. */
import { compareSortValues, sortLetters, sortValue, type SortValue } from "~/model/row-sort";
import { compareText, type Row } from "~/model/value";
import { keyOfRowId, rowId } from "./row-id";
import type { TableShape } from "./shape";

export interface Place {
  /** Epoch ms. */
  time: number;
  key: string;
  /** By which the rows were chosen to be sorted; absent where they are not. */
  value?: SortValue;
}

export type PlaceShape = Pick<TableShape, "key" | "eventTime" | "fields" | "sort">;

/** Negative when `a` stands above `b` where nothing else was chosen. */
export const comparePlaces = (a: Place, b: Place): number => b.time - a.time || compareText(a.key, b.key);

/** The order of a table: negative when `a` stands above `b`. */
export function placeOrder({ sort }: Pick<PlaceShape, "sort">): (a: Place, b: Place) => number {
  if (sort === undefined) return comparePlaces;
  return (a, b) => compareSortValues(a.value ?? null, b.value ?? null, sort.descending) || comparePlaces(a, b);
}

export function rowPlace({ key, eventTime, fields, sort }: PlaceShape, row: Row): Place {
  const place = { time: row[eventTime] as number, key: row[key] as string };
  return sort === undefined ? place : { ...place, value: sortValue(fields[sort.field]!.type, row[sort.field] ?? null) };
}

/**
 * What a row of a table that is sorted stands by, for its `data-by`: cells round, shorten or do not show it. Coded like an id,
 * because parsers of HTML change letters. Null = it has none.
 */
export function placeMark({ sort }: Pick<PlaceShape, "sort">, row: Row): string | null {
  const letters = sort === undefined ? null : sortLetters(row[sort.field] ?? null);
  return letters === null ? null : rowId(letters);
}

/** The value behind a mark. */
export const markedValue = ({ fields, sort }: PlaceShape, mark: string | undefined): SortValue =>
  sort === undefined || mark === undefined ? null : sortValue(fields[sort.field]!.type, keyOfRowId(mark));

/**
 * Index of the first of `count` ordered entries that stands after `place`; `count` when none does. An entry without place
 * (an empty block of rows) counts as standing before everything.
 */
export function firstAfter(
  count: number,
  placeAt: (index: number) => Place | null,
  place: Place,
  order: (a: Place, b: Place) => number = comparePlaces,
): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    const at = placeAt(middle);
    if (at !== null && order(at, place) > 0) high = middle;
    else low = middle + 1;
  }
  return low;
}
