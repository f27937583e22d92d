/**
 * Which rows a page or a call asks for. The same filter is matched in memory here and rendered to SQL by the engines, with
 * equal answers.
 */
import type { FieldType } from "./feed";
import type { Row, WireValue } from "./value";

/** What a filter has to know of a feed: enough for a browser that was sent no more than this. */
export interface RowFields {
  fields: readonly { type: FieldType }[];
  /** Index of the event time. */
  eventTime: number;
}

/** `column=value`: one of the values (OR); negated: none of them. Several filters AND. A null among them matches absence. */
export interface ColumnFilter {
  /** Index into `feed.fields`. */
  field: number;
  negated: boolean;
  values: readonly (string | number | boolean | null)[];
}

export interface Filter {
  /** `from <= eventTime < to`, epoch ms; null = open. */
  from: number | null;
  to: number | null;
  /** Case-insensitive substring of any string or enum field; null = any row. */
  text: string | null;
  columns: readonly ColumnFilter[];
}

export const EVERYTHING: Filter = { from: null, to: null, text: null, columns: [] };

/** A predicate over rows, prepared once per filter. */
export function matcher(feed: RowFields, filter: Filter): (row: Row) => boolean {
  const needle = filter.text?.toLowerCase() ?? null;
  const textFields = feed.fields.flatMap(({ type }, i) => (type.kind === "string" || type.kind === "enum" ? [i] : []));
  const columns = filter.columns.map(({ field, negated, values }) => ({
    field,
    negated,
    values: new Set<WireValue>(values),
  }));
  return (row) => {
    const time = row[feed.eventTime] as number;
    if (filter.from !== null && time < filter.from) return false;
    if (filter.to !== null && time >= filter.to) return false;
    for (const { field, negated, values } of columns) {
      if (values.has(row[field] ?? null) === negated) return false;
    }
    if (needle === null) return true;
    return textFields.some((field) => (row[field] as string | null)?.toLowerCase().includes(needle) ?? false);
  };
}
