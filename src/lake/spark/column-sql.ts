/** How a feed's fields are columns in Spark: their types, and the expressions that compare and order versions. */
import type { Feed, FieldType } from "../../model/feed";
import { DECIMAL_PRECISION } from "../hudi/feed-schema";
import { countLiteral, hexLiteral, longLiteral, quotedLiteral } from "./sql/literals";
import { identifier, join, sql, type Sql } from "./sql/sql";

export const columnOf = (feed: Feed, field: number): Sql => identifier(feed.fields[field]!.name);

/** All fields of a feed in their order, of a relation if it is named. */
export const columnsOf = (feed: Feed, relation?: Sql): Sql =>
  join(feed.fields.map(({ name }) => (relation ? sql`${relation}.${identifier(name)}` : identifier(name))));

/** Spark's type of a field in the tables. */
export function sparkType(type: FieldType): Sql {
  switch (type.kind) {
    case "string":
    case "enum":
      return sql`STRING`;
    case "boolean":
      return sql`BOOLEAN`;
    case "int":
      return sql`INT`;
    case "long":
      return sql`BIGINT`;
    case "float":
      return sql`FLOAT`;
    case "double":
      return sql`DOUBLE`;
    case "timestamp":
      return sql`TIMESTAMP`;
    case "date":
      return sql`DATE`;
    case "decimal":
      return sql`DECIMAL(${countLiteral(DECIMAL_PRECISION)}, ${countLiteral(type.scale)})`;
    case "bytes":
      return sql`BINARY`;
    case "array":
      return sql`ARRAY<${sparkType(type.items)}>`;
    case "map":
      return sql`MAP<STRING, ${sparkType(type.values)}>`;
    case "record":
      return sql`STRUCT<${join(type.fields.map((field) => sql`${identifier(field.name)}: ${sparkType(field.type)}`))}>`;
  }
}

/** The columns of a staged file as those of the tables: decimals with all digits. */
export const stagedColumns = (feed: Feed): Sql =>
  join(
    feed.fields.map(({ name, type }) => {
      const column = identifier(name);
      return sql`CAST(${column} AS ${sparkType(type)}) AS ${column}`;
    }),
  );

/**
 * A text that is equal for messages that are equal in every field and for no others. JSON of all columns, with timestamps as
 * numbers, because their text has milliseconds only, and maps in the order of their keys, because Hudi writes them in any. The
 * relation has the columns of the tables.
 */
export const versionText = (feed: Feed): Sql =>
  sql`to_json(struct(${join(
    feed.fields.map(({ name, type }) => {
      const column = identifier(name);
      if (type.kind === "timestamp") return sql`unix_micros(${column}) AS ${column}`;
      return sql`${ordered(type, column)} AS ${column}`;
    }),
  )}))`;

/** Rank of a version among versions of equal ordering value; -1 without one. */
export function rankOf(feed: Feed): Sql {
  if (feed.rank === null || feed.rank.of.size === 0) return sql`-1`;
  const cases = [...feed.rank.of].map(([symbol, rank]) => sql`WHEN ${hexLiteral(symbol)} THEN ${longLiteral(rank)}`);
  return sql`CASE ${columnOf(feed, feed.rank.field)} ${join(cases, sql` `)} ELSE -1L END`;
}

/** The value of the state's partition column, from the event time. Sessions are in UTC. */
export const partitionOf = (feed: Feed): Sql => {
  const format = feed.granularity === "day" ? "yyyy-MM-dd" : "yyyy-MM-dd-HH";
  return sql`date_format(${columnOf(feed, feed.eventTime)}, ${quotedLiteral(format)})`;
};

/** Arrival of a row within its commit: the last part of `<instant>_<task>_<row>`. Rows of one key are written by one task. */
export const ARRIVAL = sql`CAST(substring_index(\`_hoodie_commit_seqno\`, '_', -1) AS BIGINT)`;

function hasMap(type: FieldType): boolean {
  switch (type.kind) {
    case "map":
      return true;
    case "array":
      return hasMap(type.items);
    case "record":
      return type.fields.some((field) => hasMap(field.type));
    default:
      return false;
  }
}

/** The same value with the entries of every map in the order of their keys; null stays null. */
function ordered(type: FieldType, value: Sql): Sql {
  if (!hasMap(type)) return value;
  if (type.kind === "array") return sql`transform(${value}, x -> ${ordered(type.items, sql`x`)})`;
  if (type.kind === "map") {
    const entries = hasMap(type.values)
      ? sql`transform(map_entries(${value}), x -> struct(x.key AS key, ${ordered(type.values, sql`x.value`)} AS value))`
      : sql`map_entries(${value})`;
    return sql`map_from_entries(array_sort(${entries}, (a, b) -> CASE WHEN a.key < b.key THEN -1 WHEN a.key > b.key THEN 1 ELSE 0 END))`;
  }
  if (type.kind === "record") {
    const fields = type.fields.map(({ name, type: inner }) => {
      const part = sql`${value}.${identifier(name)}`;
      return sql`${ordered(inner, part)} AS ${identifier(name)}`;
    });
    return sql`CASE WHEN ${value} IS NOT NULL THEN struct(${join(fields)}) END`;
  }
  return value;
}
