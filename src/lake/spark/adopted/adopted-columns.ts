/**
 * A feed's fields over the columns that somebody else's table has: times that are plain milliseconds, columns that are missing,
 * other widths. What is selected has the names and types that Weir's own tables have, so that whatever asks further need not
 * know whose table it is.
 */
import { AppError } from "../../../model/app-error";
import type { Feed, Field, FieldType } from "../../../model/feed";
import type { Filter } from "../../../model/filter";
import { sparkType } from "../column-sql";
import { longLiteral, quotedLiteral } from "../sql/literals";
import { identifier, join, sql, type Sql } from "../sql/sql";
import { allOf, timeLiteral } from "../reader/filter-sql";

export interface TableColumn {
  name: string;
  /** Spark's words for its type, in lower case: `bigint`, `map<string,string>`. */
  type: string;
}

/** By names in lower case: Spark does not tell `eventId` from `EVENTID`. */
export type TableColumns = ReadonlyMap<string, TableColumn>;

/** Times that a TIMESTAMP can show, epoch ms: years 1 to 9999. Beyond them a conversion would end the query. */
const LEAST_MS = -62_135_596_800_000;
const MOST_MS = 253_402_300_799_999;

const INTEGRAL = /^(tinyint|smallint|int|bigint)$/;
const isNested = (type: string): boolean => /^(array|map|struct)</.test(type);

const columnFor = (columns: TableColumns, field: Field): TableColumn | undefined =>
  columns.get(field.name.toLowerCase());

/** @throws AppError read-only when the table lacks what no row can be told by */
export function assertFollowable(feed: Feed, columns: TableColumns, table: string): void {
  const needed = [feed.key, feed.eventTime, feed.ordering].map((field) => feed.fields[field]!.name);
  const missing = needed.filter((name) => !columns.has(name.toLowerCase()));
  if (missing.length > 0) {
    throw new AppError(
      "read-only",
      `The table ${table} has no column ${missing.join(", ")}, which the feed ${feed.name} needs (key, event time and ordering field): it is another table, or another schema in WEIR_AVRO_DIR belongs to it.`,
    );
  }
  if (columns.has("_hoodie_commit_time")) return;
  throw new AppError(
    "read-only",
    `The table ${table} has no Hudi columns (hoodie.populate.meta.fields=false): what changed in it cannot be told.`,
  );
}

/** All fields of a feed in their order, as a list for SELECT. */
export const projection = (feed: Feed, columns: TableColumns): Sql =>
  join(feed.fields.map((field, i) => sql`${expression(feed, columns, i)} AS ${identifier(field.name)}`));

/**
 * The times of a filter as a condition on the column as it is stored, so that files without such times are skipped; null when
 * the filter is open, or the column is in no form in which Spark could do so.
 */
export function storedTimeCondition(
  feed: Feed,
  columns: TableColumns,
  { from, to }: Pick<Filter, "from" | "to">,
): Sql | null {
  const column = columnFor(columns, feed.fields[feed.eventTime]!);
  if (column === undefined || (from === null && to === null)) return null;
  const isMillis = column.type === "bigint";
  if (!isMillis && column.type !== "timestamp") return null;
  const name = identifier(column.name);
  const value = (ms: number) => (isMillis ? longLiteral(Math.trunc(ms)) : timeLiteral(ms));
  return allOf([
    from === null ? null : sql`${name} >= ${value(from)}`,
    to === null ? null : sql`${name} <= ${value(to)}`,
  ]);
}

function expression(feed: Feed, columns: TableColumns, index: number): Sql {
  const field = feed.fields[index]!;
  const column = columnFor(columns, field);
  if (column === undefined) return orEmpty(feed, index, sql`CAST(NULL AS ${sparkType(field.type)})`);
  const value = converted(field.type, column);
  if (index !== feed.ordering || index === feed.eventTime) return orEmpty(feed, index, value);
  // A version without an ordering value is as old as its event.
  const time = feed.fields[feed.eventTime]!;
  if (field.type.kind !== "timestamp" || time.type.kind !== "timestamp") return value;
  return sql`coalesce(${value}, ${converted(time.type, columnFor(columns, time)!)})`;
}

/** Texts that every event of ours has are never null on a page: without one, the text is empty. */
function orEmpty(feed: Feed, index: number, value: Sql): Sql {
  const { type, nullable } = feed.fields[index]!;
  const isRequiredText = !nullable && index !== feed.key && (type.kind === "string" || type.kind === "enum");
  return isRequiredText ? sql`coalesce(${value}, '')` : value;
}

/** A column as a field's type; a value that has no such form is null. */
function converted(type: FieldType, { name, type: from }: TableColumn): Sql {
  const column = identifier(name);
  const wanted = sparkType(type);
  if (type.kind === "timestamp") return timeOf(type.unit, column, from);
  if (from === plain(wanted)) return column;
  if (type.kind === "string" || type.kind === "enum") {
    return isNested(from) ? sql`to_json(${column})` : sql`CAST(${column} AS STRING)`;
  }
  if (isNested(plain(wanted)) && from === "string") return sql`from_json(${column}, ${quotedLiteral(wanted.text)})`;
  return sql`TRY_CAST(${column} AS ${wanted})`;
}

/** Publishers that put the logical type beside the type made tables whose times are numbers. */
function timeOf(unit: "millis" | "micros", column: Sql, from: string): Sql {
  if (from === "timestamp") return column;
  if (!INTEGRAL.test(from)) return sql`TRY_CAST(${column} AS TIMESTAMP)`;
  const scale = unit === "millis" ? 1 : 1_000;
  const convert = unit === "millis" ? sql`timestamp_millis(${column})` : sql`timestamp_micros(${column})`;
  const [least, most] = [longLiteral(LEAST_MS * scale), longLiteral(MOST_MS * scale)];
  return sql`CASE WHEN ${column} BETWEEN ${least} AND ${most} THEN ${convert} END`;
}

const plain = (type: Sql): string => type.text.toLowerCase().replace(/[\s`]/g, "");
