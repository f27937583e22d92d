/** Columnar pages to rows, by position: names may repeat, values keep every digit. */
import type { AnyColumn, Column, ColumnDescription, ColumnType } from "./hs2";
import { COLUMN_TYPES } from "./hs2";

/**
 * A value of a row:
 * BOOLEAN → boolean · TINYINT, SMALLINT, INT, FLOAT, DOUBLE → number (NaN and infinities too) · BIGINT → bigint · DECIMAL and
 * STRING → string · DATE → string `2026-11-21` · TIMESTAMP → bigint, epoch microseconds (sessions are in UTC) · BINARY → Buffer
 * · NULL → null. ARRAY, MAP and STRUCT come as Hive's text, whose nested strings are not escaped: select `to_json(column)`.
 */
export type SparkValue = string | number | bigint | boolean | Buffer | null;
export type SparkRow = readonly SparkValue[];

export interface ResultColumn {
  name: string;
  type: ColumnType;
}

/** In the order of their positions, which begin at 0 or 1. */
export const resultColumns = (columns: readonly ColumnDescription[]): ResultColumn[] =>
  [...columns]
    .sort((a, b) => a.position - b.position)
    .map((column) => ({
      name: column.columnName,
      type: COLUMN_TYPES[column.typeDesc.types[0]?.primitiveEntry?.type ?? -1] ?? "STRING",
    }));

/** @throws Error when the page and its description do not fit together */
export function decodePage(columns: readonly ResultColumn[], page: readonly AnyColumn[] | null): SparkRow[] {
  if (page === null || page.length === 0) return [];
  if (page.length !== columns.length) {
    throw new Error(`A page of ${page.length} columns came where ${columns.length} were described.`);
  }
  const decoded = page.map((column, i) => decodeColumn(columns[i]!, column));
  const count = decoded[0]!.length;
  const uneven = decoded.findIndex((values) => values.length !== count);
  if (uneven !== -1) throw new Error(`Column ${columns[uneven]!.name} has other rows than the first.`);
  return Array.from({ length: count }, (_, row) => decoded.map((values) => values[row]!));
}

function decodeColumn({ name, type }: ResultColumn, wire: AnyColumn): SparkValue[] {
  const { values, nulls } = valuesOf(wire, name);
  const convert = type === "TIMESTAMP" ? (value: SparkValue) => timestampMicros(value as string) : null;
  return values.map((value, row) => {
    if (isNull(nulls, row)) return null;
    return convert ? convert(value) : Buffer.isBuffer(value) ? Buffer.from(value) : value;
  });
}

function valuesOf(wire: AnyColumn, name: string): Column<SparkValue> {
  const column =
    wire.stringVal ??
    wire.i64Val ??
    wire.i32Val ??
    wire.doubleVal ??
    wire.boolVal ??
    wire.i16Val ??
    wire.byteVal ??
    wire.binaryVal;
  if (column === null) throw new Error(`Column ${name} came without values.`);
  return column as Column<SparkValue>;
}

const isNull = (nulls: Buffer, row: number): boolean => (((nulls[row >> 3] ?? 0) >> (row & 7)) & 1) === 1;

const TIMESTAMP = /^([+-]?\d{4,6})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?$/;

/**
 * `2026-11-21 09:30:00.123456` in UTC as epoch microseconds.
 *
 * @throws Error for any other text
 */
export function timestampMicros(text: string): bigint {
  const parts = TIMESTAMP.exec(text);
  if (!parts) throw new Error(`${JSON.stringify(text.slice(0, 40))} is no timestamp of Spark's.`);
  const [, year, month, day, hour, minute, second, fraction = ""] = parts;
  const time = new Date(0);
  // Not Date.UTC: it takes the years 0 to 99 for 1900 to 1999.
  time.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  time.setUTCHours(Number(hour), Number(minute), Number(second));
  return BigInt(time.getTime()) * 1000n + BigInt(fraction.padEnd(6, "0"));
}
