/**
 * What a table of events needs to know of its feed, small enough to travel with the page: the server renders with it, the
 * live layer patches with it, so both write the same cells.
 */
import type { Feed, FieldType } from "~/model/feed";
import type { RowSort } from "~/model/row-sort";
import type { Zone } from "../ui/time-text";

/** How a column is written and aligned. `long` = free text that takes the remaining width. */
export type ColumnKind = "time" | "status" | "number" | "batch" | "text" | "long" | "other";

export interface Column {
  /** Index into the row. */
  index: number;
  label: string;
  kind: ColumnKind;
}

export interface TableShape {
  feed: string;
  schemaId: string;
  /** Indexes into the row. */
  key: number;
  eventTime: number;
  columns: readonly Column[];
  fields: readonly { name: string; type: FieldType }[];
  /** The time that the page is of: links out of rows lead to the same time. Null = the present. */
  at: string | null;
  /** In which the reader wants times; UTC unless told. */
  zone?: Zone;
  /** The order that was chosen; absent = newest first. */
  sort?: RowSort;
}

const LONG_TEXT = /error|message|reason|detail|description/i;
export const BATCH_FIELD = "correlationId";

/**
 * The shape of a feed's table, in the present. The event time is always among the columns, because the rows stand in its order.
 *
 * @param chosen indexes of the fields to show, in this order; null = those that the schema names
 */
export function tableShape(feed: Feed, chosen: readonly number[] | null = null): TableShape {
  const wanted = chosen ?? feed.columns.map(({ index }) => index);
  const shown = (wanted.includes(feed.eventTime) ? wanted : [feed.eventTime, ...wanted]).map((index) => ({
    index,
    label: labelOf(feed, index),
  }));
  const columns = shown.map(({ index, label }) => ({ index, label, kind: kindOf(feed, index) }));
  if (!columns.some(({ kind }) => kind === "long")) {
    const last = columns.findLast(({ kind }) => kind === "text" || kind === "other");
    if (last) last.kind = "long";
  }
  return {
    feed: feed.name,
    schemaId: feed.schemaId,
    key: feed.key,
    eventTime: feed.eventTime,
    columns,
    fields: feed.fields.map(({ name, type }) => ({ name, type: slimType(type) })),
    at: null,
  };
}

/** How a field is called: as the schema says it, else its name in words. */
export const labelOf = (feed: Feed, index: number): string =>
  feed.columns.find((column) => column.index === index)?.label ?? inWords(feed.fields[index]!.name);

/** `sourceRecordCount` to `Source record count`. */
function inWords(name: string): string {
  const words = name
    .replace(/([a-z\d])([A-Z])/g, "$1 $2")
    .replaceAll("_", " ")
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function kindOf(feed: Feed, index: number): ColumnKind {
  const { name, type } = feed.fields[index]!;
  if (index === feed.status) return "status";
  switch (type.kind) {
    case "timestamp":
    case "date":
      return "time";
    case "int":
    case "long":
    case "float":
    case "double":
    case "decimal":
      return "number";
    case "string":
      return name === BATCH_FIELD ? "batch" : LONG_TEXT.test(name) ? "long" : "text";
    case "enum":
      return "text";
    default:
      return "other";
  }
}

/** Members of nested types and symbols of enums are not needed to write a cell. */
function slimType(type: FieldType): FieldType {
  switch (type.kind) {
    case "enum":
      return { kind: "enum", symbols: [] };
    case "array":
      return { kind: "array", items: { kind: "string" }, itemsNullable: false };
    case "map":
      return { kind: "map", values: { kind: "string" }, valuesNullable: false };
    case "record":
      return { kind: "record", fields: [] };
    default:
      return type;
  }
}
