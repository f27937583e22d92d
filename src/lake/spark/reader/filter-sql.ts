/**
 * Filters as Spark's SQL, with the answers of `matcher` (model/filter.ts). Spark and JavaScript lower texts by the same rules of
 * Unicode, so the needle is lowered here and the column there. Never LIKE: Spark's does not match beyond the basic plane.
 */
import { partitionValue, type Feed, type FieldType } from "../../../model/feed";
import type { ColumnFilter, Filter } from "../../../model/filter";
import { columnOf } from "../column-sql";
import {
  countLiteral,
  decimalLiteral,
  hexLiteral,
  longLiteral,
  quotedLiteral,
  timestampLiteral,
} from "../sql/literals";
import { isWellFormed } from "../../../model/value";
import { identifier, join, sql, type Sql } from "../sql/sql";
import { decimalDigits } from "./wire-columns";

export const TRUE: Sql = sql`TRUE`;
const FALSE: Sql = sql`FALSE`;

/** Conditions that all hold. */
export const allOf = (conditions: readonly (Sql | null)[]): Sql => {
  const present = conditions.filter((condition) => condition !== null);
  return present.length === 0 ? TRUE : join(present, sql` AND `);
};

/** Epoch ms as a timestamp. */
export const timeLiteral = (ms: number): Sql => timestampLiteral(BigInt(Math.trunc(ms)) * 1000n);

/** The condition on event time, or null when it is open. */
export function timeCondition(feed: Feed, { from, to }: Pick<Filter, "from" | "to">): Sql | null {
  if (from === null && to === null) return null;
  const time = columnOf(feed, feed.eventTime);
  return allOf([
    from === null ? null : sql`${time} >= ${timeLiteral(from)}`,
    to === null ? null : sql`${time} < ${timeLiteral(to)}`,
  ]);
}

/** The condition on the partitions of the state that the times of a filter lie in, or null: those beside it are not even listed. */
export function partitionCondition(feed: Feed, { from, to }: Pick<Filter, "from" | "to">): Sql | null {
  if (from === null && to === null) return null;
  const column = identifier(feed.partitionColumn);
  const value = (ms: number) => quotedLiteral(partitionValue(feed.granularity, ms));
  return allOf([
    from === null ? null : sql`${column} >= ${value(from)}`,
    to === null ? null : sql`${column} <= ${value(to)}`,
  ]);
}

/** The condition on text and columns, or null when there is none. */
export function valueCondition(feed: Feed, { text, columns }: Pick<Filter, "text" | "columns">): Sql | null {
  if (text === null && columns.length === 0) return null;
  return allOf([
    ...columns.map((column) => columnCondition(feed, column)),
    text === null ? null : textCondition(feed, text),
  ]);
}

const isText = ({ kind }: FieldType): boolean => kind === "string" || kind === "enum";

function textCondition(feed: Feed, text: string): Sql {
  if (!isWellFormed(text)) return FALSE;
  const needle = hexLiteral(text.toLowerCase());
  const hits = feed.fields.flatMap(({ type }, i) =>
    isText(type) ? [sql`coalesce(contains(lower(${columnOf(feed, i)}), ${needle}), FALSE)`] : [],
  );
  return hits.length === 0 ? FALSE : sql`(${join(hits, sql` OR `)})`;
}

function columnCondition(feed: Feed, { field, negated, values }: ColumnFilter): Sql {
  const { type } = feed.fields[field]!;
  const column = comparable(type, columnOf(feed, field));
  const list = listOf(
    type,
    values.filter((value) => value !== null),
  );
  const parts: Sql[] = [];
  if (list !== null) parts.push(sql`coalesce(${column} IN (${list}), FALSE)`);
  if (values.includes(null)) parts.push(sql`${columnOf(feed, field)} IS NULL`);
  const any = parts.length === 0 ? FALSE : sql`(${join(parts, sql` OR `)})`;
  return negated ? sql`NOT ${any}` : any;
}

/**
 * Beyond it a list of texts is one literal, to join with: of 2.1 s with 10,000 of them Spark spent one on parsing as many
 * literals. With 1,000 there is no difference.
 */
const FEW_VALUES = 1_000;

/** What IN takes; null when no value of the column can equal any of them. */
function listOf(type: FieldType, values: readonly (string | number | boolean)[]): Sql | null {
  if (isText(type) && values.length > FEW_VALUES) {
    const texts = values.map(String).filter(isWellFormed);
    return sql`SELECT explode(from_json(${hexLiteral(JSON.stringify(texts))}, 'array<string>'))`;
  }
  const literals = values.flatMap((value) => valueLiteral(type, value) ?? []);
  return literals.length === 0 ? null : join(literals);
}

/** The column in the form in which its values are compared. */
function comparable(type: FieldType, column: Sql): Sql {
  switch (type.kind) {
    case "float":
      return sql`CAST(${column} AS DOUBLE)`;
    case "date":
      return sql`unix_date(${column})`;
    default:
      return column;
  }
}

/** A wire value as SQL of the comparable form; null when no value of the column can equal it. */
function valueLiteral(type: FieldType, value: string | number | boolean): Sql | null {
  switch (type.kind) {
    case "string":
    case "enum":
      return isWellFormed(String(value)) ? hexLiteral(String(value)) : null;
    case "boolean":
      return typeof value === "boolean" ? (value ? TRUE : FALSE) : null;
    case "int":
    case "long":
    case "date":
      return integerLiteral(value);
    case "float":
    case "double":
      return sql`CAST(${quotedLiteral(doubleText(value))} AS DOUBLE)`;
    case "timestamp": {
      const integer = integerOf(value);
      const micros = integer === null ? null : type.unit === "millis" ? integer * 1000n : integer;
      return micros === null || !fits(micros) ? null : timestampLiteral(micros);
    }
    case "decimal": {
      const digits = decimalDigits(String(value), type.scale);
      return digits === null ? null : sql`CAST(${decimalLiteral(digits)} AS DECIMAL(38, ${countLiteral(type.scale)}))`;
    }
    case "bytes": {
      const bytes = Buffer.from(String(value), "base64");
      return bytes.toString("base64") === value ? sql`unhex(${quotedLiteral(bytes.toString("hex"))})` : null;
    }
    case "array":
    case "map":
    case "record":
      return null;
  }
}

const doubleText = (value: string | number | boolean): string => String(Number(value));

const fits = (value: bigint): boolean => BigInt.asIntN(64, value) === value;

function integerOf(value: string | number | boolean): bigint | null {
  return typeof value === "boolean" || !/^-?\d+$/.test(String(value)) ? null : BigInt(value);
}

function integerLiteral(value: string | number | boolean): Sql | null {
  const integer = integerOf(value);
  return integer === null || !fits(integer) ? null : longLiteral(integer);
}
