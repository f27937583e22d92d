/** A feed's fields over the columns that the files of somebody else's table have, with the names and types of Weir's own. */
import { AppError } from "../../../model/app-error";
import type { Feed, FieldType } from "../../../model/feed";
import type { Filter } from "../../../model/filter";
import { duckdbType, identifier } from "../column-types";
import { timestampLiteral } from "../filter-sql";

/** DuckDB's type by column name in lower case. */
export type FileColumns = ReadonlyMap<string, { name: string; type: string }>;

/** Times that a TIMESTAMP can show on every engine, epoch ms: years 1 to 9999. */
const LEAST_MS = -62_135_596_800_000;
const MOST_MS = 253_402_300_799_999;
const INTEGRAL = /^(TINYINT|SMALLINT|INTEGER|BIGINT)$/;

/** @throws AppError read-only when the files lack what no row can be told by */
export function assertFollowable(feed: Feed, columns: FileColumns, table: string): void {
  const needed = [feed.key, feed.eventTime, feed.ordering].map((field) => feed.fields[field]!.name);
  const missing = needed.filter((name) => !columns.has(name.toLowerCase()));
  if (missing.length > 0) {
    throw new AppError(
      "read-only",
      `The table ${table} has no column ${missing.join(", ")}, which the feed ${feed.name} needs (key, event time and ordering field): it is another table, or another schema in WEIR_AVRO_DIR belongs to it.`,
    );
  }
}

/** All fields of a feed in their order, as a list for SELECT. */
export const projection = (feed: Feed, columns: FileColumns): string =>
  feed.fields.map((field, i) => `${expression(feed, columns, i)} AS ${identifier(field.name)}`).join(", ");

/** The times of a filter as a condition on the column as it is stored, so that files without such times are skipped; or null. */
export function storedTimeCondition(
  feed: Feed,
  columns: FileColumns,
  { from, to }: Pick<Filter, "from" | "to">,
): string | null {
  const column = columns.get(feed.fields[feed.eventTime]!.name.toLowerCase());
  if (column === undefined || (from === null && to === null)) return null;
  const isMillis = column.type === "BIGINT";
  if (!isMillis && column.type !== "TIMESTAMP WITH TIME ZONE") return null;
  const value = (ms: number) => (isMillis ? `${BigInt(Math.trunc(ms))}` : timestampLiteral(ms));
  const parts = [];
  if (from !== null) parts.push(`${identifier(column.name)} >= ${value(from)}`);
  if (to !== null) parts.push(`${identifier(column.name)} <= ${value(to)}`);
  return parts.join(" AND ");
}

function expression(feed: Feed, columns: FileColumns, index: number): string {
  const { type, nullable, name } = feed.fields[index]!;
  const column = columns.get(name.toLowerCase());
  const value = column === undefined ? `NULL::${duckdbType(type)}` : converted(type, column.name, column.type);
  if (index === feed.key) return value;
  if (!nullable && (type.kind === "string" || type.kind === "enum")) return `coalesce(${value}, '')`;
  const time = feed.fields[feed.eventTime]!;
  if (index !== feed.ordering || index === feed.eventTime || type.kind !== "timestamp") return value;
  return `coalesce(${value}, ${expression(feed, columns, feed.eventTime)})::${duckdbType(time.type)}`;
}

/** A column as a field's type; a value that has no such form is null. */
function converted(type: FieldType, name: string, from: string): string {
  const column = identifier(name);
  const wanted = duckdbType(type);
  if (type.kind === "timestamp" && INTEGRAL.test(from)) {
    const [scale, micros] = type.unit === "millis" ? [1, `${column} * 1000`] : [1_000, column];
    return `CASE WHEN ${column} BETWEEN ${LEAST_MS * scale} AND ${MOST_MS * scale} THEN make_timestamptz(${micros}) END`;
  }
  if (type.kind === "timestamp") return `TRY_CAST(${column} AS TIMESTAMPTZ)`;
  if (type.kind === "string" || type.kind === "enum") {
    return /[([]/.test(from) ? `to_json(${column})::VARCHAR` : `${column}::VARCHAR`;
  }
  return `TRY_CAST(${column} AS ${wanted})`;
}
