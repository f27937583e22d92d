/**
 * In which order rows stand: `sort` of an address, `sort=durationMs` for the least first and `sort=-durationMs` for the
 * greatest. Unless it is chosen, rows stand in the order of their event times, the newest first. What is absent stands last
 * either way, and rows of equal value stand newest first. Pure; a browser that follows such rows orders them with the same.
 */
import { AppError } from "./app-error";
import { unscaled } from "./decimal";
import { compareRows, fieldIndex, type Feed, type FieldType } from "./feed";
import type { Row, WireValue } from "./value";

export interface RowSort {
  /** Index into the feed's fields. */
  field: number;
  descending: boolean;
}

/** What values are compared by; numbers and bigints compare with each other. Null = nothing to compare. */
export type SortValue = number | bigint | string | null;

/** Texts are compared by their beginnings: pages carry with each row what it stands by. */
const COMPARED_LETTERS = 100;

const SORTABLE: readonly FieldType["kind"][] = [
  ...(["string", "enum", "boolean", "int", "long", "float", "double", "timestamp", "date", "decimal"] as const),
];

export const isSortable = ({ kind }: FieldType): boolean => SORTABLE.includes(kind);

/**
 * @returns null for the usual order, also where it is named
 * @throws AppError bad-parameter that names the field and those there are
 */
export function parseSort(feed: Feed, text: string | null): RowSort | null {
  if (text === null || text === "") return null;
  const descending = text.startsWith("-");
  const field = fieldIndex(feed, descending ? text.slice(1) : text);
  if (field < 0 || !isSortable(feed.fields[field]!.type)) {
    const known = feed.fields.flatMap(({ name, type }) => (isSortable(type) ? [name] : [])).join(", ");
    throw new AppError(
      "bad-parameter",
      `sort=${JSON.stringify(text.slice(0, 100))}: rows can be sorted by ${known}, with a - before it for the greatest first.`,
      { parameter: "sort" },
    );
  }
  return descending && field === feed.eventTime ? null : { field, descending };
}

/** As `parseSort` reads it. */
export const sortText = (feed: Feed, { field, descending }: RowSort): string =>
  `${descending ? "-" : ""}${feed.fields[field]!.name}`;

/** @param value in wire form, or the text of it */
export function sortValue(type: FieldType, value: WireValue): SortValue {
  if (value === null || typeof value === "object") return null;
  switch (type.kind) {
    case "string":
    case "enum":
      return String(value).slice(0, COMPARED_LETTERS);
    case "boolean":
      return value === true || value === "true" ? 1 : 0;
    case "float":
    case "double":
      return Number.isNaN(Number(value)) ? null : Number(value);
    case "decimal":
      return unscaled(String(value), type.scale);
    case "int":
    case "long":
    case "date":
    case "timestamp":
      return Number.isSafeInteger(Number(value)) ? Number(value) : BigInt(value);
    default:
      return null;
  }
}

/** From which `sortValue` makes the same again; null = nothing to compare. */
export const sortLetters = (value: WireValue): string | null =>
  value === null || typeof value === "object" ? null : String(value).slice(0, COMPARED_LETTERS);

/** Negative when `a` stands first. */
export function compareSortValues(a: SortValue, b: SortValue, descending: boolean): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? 1 : -1;
  return a < b === descending ? 1 : a > b === descending ? -1 : 0;
}

/** Order of rows of a feed. */
export function rowOrder(feed: Feed, { field, descending }: RowSort): (a: Row, b: Row) => number {
  const { type } = feed.fields[field]!;
  return (a, b) =>
    compareSortValues(sortValue(type, a[field] ?? null), sortValue(type, b[field] ?? null), descending) ||
    compareRows(feed, a, b);
}

/** The first `limit` rows in an order, without putting all the others in order. */
export function firstRows(rows: Iterable<Row>, order: (a: Row, b: Row) => number, limit: number): Row[] {
  let first: Row[] = [];
  let bound: Row | null = null;
  for (const row of rows) {
    if (bound !== null && order(row, bound) >= 0) continue;
    first.push(row);
    if (first.length < 2 * limit) continue;
    first = first.sort(order).slice(0, limit);
    bound = first.at(-1)!;
  }
  return first.sort(order).slice(0, limit);
}
