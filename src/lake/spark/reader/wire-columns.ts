/**
 * How a feed's fields travel from Spark and become wire values. Whatever Thrift would carry as text of Hive's or with a loss is
 * selected in another form: times as numbers, nested values as JSON whose leaves are texts where JSON would lose something.
 */
import { decimalText, unscaled } from "../../../model/decimal";
import type { Feed, FieldType } from "../../../model/feed";
import { doubleToWire, longToWire, type WireValue } from "../../../model/value";
import { columnOf } from "../column-sql";
import { identifier, join, sql, type Sql } from "../sql/sql";
import type { SparkRow, SparkValue } from "../thrift/columns";

export interface WireColumn {
  /** Expression over the physical columns. */
  expression: Sql;
  /** Of a value that is not null. */
  toWire(value: NonNullable<SparkValue>): WireValue;
}

const asIs = (value: NonNullable<SparkValue>): WireValue => value as WireValue;

export const textColumn = (expression: Sql): WireColumn => ({ expression, toWire: asIs });

/** The columns of all fields, or of some. */
export const wireColumns = (feed: Feed, fields?: readonly number[]): WireColumn[] =>
  (fields ?? feed.fields.map((_, i) => i)).map((field) => wireColumn(feed.fields[field]!.type, columnOf(feed, field)));

/** The expressions with names of their own, as the list of a SELECT. */
export const selected = (columns: readonly WireColumn[]): Sql =>
  join(columns.map(({ expression }, i) => sql`${expression} AS ${identifier(`c${i}`)}`));

/** Rows of `selected` columns in wire form. */
export function toWireRows(columns: readonly WireColumn[], rows: readonly SparkRow[]): WireValue[][] {
  const converters = columns.map(({ toWire }) => toWire);
  return rows.map((row) => {
    const made = new Array<WireValue>(converters.length);
    for (let i = 0; i < converters.length; i++) {
      const value = row[i]!;
      made[i] = value === null ? null : converters[i]!(value);
    }
    return made;
  });
}

function wireColumn(type: FieldType, column: Sql): WireColumn {
  switch (type.kind) {
    case "string":
    case "enum":
    case "boolean":
    case "int":
      return { expression: column, toWire: asIs };
    case "long":
      return { expression: column, toWire: long };
    case "float":
    case "double":
      // A FLOAT would come as the shortest decimal text of its single precision.
      return { expression: sql`CAST(${column} AS DOUBLE)`, toWire: (value) => doubleToWire(value as number) };
    case "timestamp":
      return { expression: epoch(type.unit, column), toWire: long };
    case "date":
      return { expression: sql`unix_date(${column})`, toWire: asIs };
    case "decimal":
      return { expression: column, toWire: (value) => decimal(value as string, type.scale) };
    case "bytes":
      // Spark's own base64 breaks lines.
      return { expression: column, toWire: (value) => (value as Buffer).toString("base64") };
    case "array":
    case "map":
    case "record":
      return {
        expression: sql`to_json(${jsonForm(type, column)}, map('ignoreNullFields', 'false'))`,
        toWire: parsed(type),
      };
  }
}

const long = (value: NonNullable<SparkValue>): WireValue => longToWire(value as bigint);

const epoch = (unit: "millis" | "micros", column: Sql): Sql =>
  unit === "millis" ? sql`unix_millis(${column})` : sql`unix_micros(${column})`;

/** Java writes small decimals as `1E-8`. */
function decimal(text: string, scale: number): string {
  const [digits, exponent] = text.split(/e/i);
  if (exponent === undefined) return text;
  const [whole, fraction = ""] = digits!.split(".");
  const shift = Number(exponent) - fraction.length + scale;
  const all = BigInt(whole! + fraction);
  return decimalText(shift >= 0 ? all * 10n ** BigInt(shift) : all / 10n ** BigInt(-shift), scale);
}

/** Whether JSON as Spark writes it carries a value of the type as it is. */
function isPlain(type: FieldType): boolean {
  switch (type.kind) {
    case "string":
    case "enum":
    case "boolean":
    case "int":
      return true;
    case "array":
      return isPlain(type.items);
    case "map":
      return isPlain(type.values);
    case "record":
      return type.fields.every((field) => isPlain(field.type));
    default:
      return false;
  }
}

/** The value with every leaf that JSON would change as a text. */
function jsonForm(type: FieldType, value: Sql): Sql {
  if (isPlain(type)) return value;
  switch (type.kind) {
    case "timestamp":
      return sql`CAST(${epoch(type.unit, value)} AS STRING)`;
    case "date":
      return sql`unix_date(${value})`;
    case "bytes":
      return sql`hex(${value})`;
    case "float":
      return sql`CAST(CAST(${value} AS DOUBLE) AS STRING)`;
    case "array":
      return sql`transform(${value}, x -> ${jsonForm(type.items, sql`x`)})`;
    case "map":
      return sql`transform_values(${value}, (k, x) -> ${jsonForm(type.values, sql`x`)})`;
    case "record": {
      const fields = type.fields.map((field) => {
        const name = identifier(field.name);
        return sql`${jsonForm(field.type, sql`${value}.${name}`)} AS ${name}`;
      });
      return sql`CASE WHEN ${value} IS NOT NULL THEN struct(${join(fields)}) END`;
    }
    default:
      return sql`CAST(${value} AS STRING)`;
  }
}

const DISTINCT_SAMPLE = 512;

/** Each distinct text is parsed once while they repeat; equal values share one object, which nobody changes. */
function parsed(type: FieldType): WireColumn["toWire"] {
  const known = new Map<string, WireValue>();
  let seen = 0;
  return (text) => {
    seen++;
    const found = known.get(text as string);
    if (found !== undefined) return found;
    const made = fromJson(type, JSON.parse(text as string));
    if (known.size < DISTINCT_SAMPLE || known.size * 2 < seen) known.set(text as string, made);
    return made;
  };
}

/** A value of `jsonForm` as JSON.parse gives it. */
function fromJson(type: FieldType, value: unknown): WireValue {
  if (value === null || value === undefined) return null;
  if (isPlain(type)) return value as WireValue;
  switch (type.kind) {
    case "long":
    case "timestamp":
      return longToWire(BigInt(value as string));
    case "float":
    case "double":
      return doubleToWire(Number(value));
    case "decimal":
      return decimal(value as string, type.scale);
    case "bytes":
      return Buffer.from(value as string, "hex").toString("base64");
    case "array":
      return (value as unknown[]).map((item) => fromJson(type.items, item));
    case "map":
      return Object.fromEntries(
        Object.entries(value as object).map(([key, item]) => [key, fromJson(type.values, item)]),
      );
    case "record":
      return Object.fromEntries(
        type.fields.map((field) => [field.name, fromJson(field.type, (value as Record<string, unknown>)[field.name])]),
      );
    default:
      return value as WireValue;
  }
}

/** A decimal of a filter as its digits, or null when no value of the column can equal it. */
export function decimalDigits(text: string, scale: number): string | null {
  const number = unscaled(text, scale);
  if (number === null) return null;
  const digits = decimalText(number, scale);
  return digits.replace(/\D/g, "").replace(/^0+/, "").length > 38 ? null : digits;
}
