/**
 * Rows of a commit as a DuckDB table: wire values made canonical, then appended column by column in data chunks. (Measured
 * on 5,000 rows of 17 fields: 35 ms and exact types, against 50 ms by way of an NDJSON file, which also casts.)
 */
import * as duckdb from "@duckdb/node-api";
import type { DuckDBConnection, DuckDBType, DuckDBValue } from "@duckdb/node-api";
import type { Feed, Field, FieldType } from "../../model/feed";
import { longToWire, type Row, type WireValue } from "../../model/value";
import { DECIMAL_PRECISION } from "../hudi/feed-schema";
import { duckdbType, identifier } from "./column-types";

/** Column of a row's place in its commit, from 0: its arrival. */
export const ARRIVAL = "_n";

/** Rows of one data chunk (DuckDB's vector size). */
const CHUNK_ROWS = 2048;

/** Makes the table, empty, in place of one of that name. */
export async function createBatchTable(connection: DuckDBConnection, table: string, feed: Feed): Promise<void> {
  const columns = feed.fields.map(({ name, type }) => `${identifier(name)} ${duckdbType(type)}`);
  await connection.run(`CREATE OR REPLACE TABLE ${table} (${ARRIVAL} INTEGER, ${columns.join(", ")})`);
}

/** Appends canonical rows; a row's arrival is its index. */
export async function loadBatch(
  connection: DuckDBConnection,
  table: string,
  feed: Feed,
  rows: readonly Row[],
): Promise<void> {
  const columns = feed.fields.map(({ type }) => column(type));
  const types = [duckdb.INTEGER, ...columns.map(({ type }) => type)];
  const appender = await connection.createAppender(table);
  try {
    for (let start = 0; start < rows.length; start += CHUNK_ROWS) {
      const part = rows.slice(start, start + CHUNK_ROWS);
      const chunk = duckdb.DuckDBDataChunk.create(types, part.length);
      chunk.setColumnValues(
        0,
        part.map((_, i) => start + i),
      );
      columns.forEach(({ toDuck }, i) => {
        const values = part.map((row) => {
          const value = row[i] ?? null;
          return value === null ? null : toDuck(value);
        });
        chunk.setColumnValues(i + 1, values);
      });
      appender.appendDataChunk(chunk);
    }
  } finally {
    appender.closeSync();
  }
}

interface Column {
  type: DuckDBType;
  /** Null never comes in. */
  toDuck: (value: WireValue) => DuckDBValue;
}

const scalar = (type: DuckDBType): Column => ({ type, toDuck: (value) => value as DuckDBValue });
const orNull =
  ({ toDuck }: Column) =>
  (value: WireValue): DuckDBValue =>
    value === null ? null : toDuck(value);

function column(type: FieldType): Column {
  switch (type.kind) {
    case "string":
    case "enum":
      return scalar(duckdb.VARCHAR);
    case "boolean":
      return scalar(duckdb.BOOLEAN);
    case "int":
      return scalar(duckdb.INTEGER);
    case "long":
      return { type: duckdb.BIGINT, toDuck: (value) => BigInt(value as string | number) };
    case "float":
      return { type: duckdb.FLOAT, toDuck: Number };
    case "double":
      return { type: duckdb.DOUBLE, toDuck: Number };
    case "timestamp": {
      const micros = type.unit === "millis" ? 1000n : 1n;
      const toDuck = (value: WireValue) => new duckdb.DuckDBTimestampTZValue(BigInt(value as string | number) * micros);
      return { type: duckdb.TIMESTAMPTZ, toDuck };
    }
    case "date":
      return { type: duckdb.DATE, toDuck: (value) => new duckdb.DuckDBDateValue(value as number) };
    case "decimal": {
      const { scale } = type;
      const toDuck = (value: WireValue) =>
        new duckdb.DuckDBDecimalValue(unscaled(String(value), scale), DECIMAL_PRECISION, scale);
      return { type: duckdb.DECIMAL(DECIMAL_PRECISION, scale), toDuck };
    }
    case "bytes":
      return {
        type: duckdb.BLOB,
        toDuck: (value) => new duckdb.DuckDBBlobValue(Buffer.from(value as string, "base64")),
      };
    case "array": {
      const items = column(type.items);
      const toDuck = (value: WireValue) => duckdb.listValue((value as readonly WireValue[]).map(orNull(items)));
      return { type: duckdb.LIST(items.type), toDuck };
    }
    case "map": {
      const values = column(type.values);
      const toDuck = (value: WireValue) =>
        duckdb.mapValue(Object.entries(value!).map(([key, item]) => ({ key, value: orNull(values)(item) })));
      return { type: duckdb.MAP(duckdb.VARCHAR, values.type), toDuck };
    }
    case "record":
      return structColumn(type.fields);
  }
}

function structColumn(fields: readonly Field[]): Column {
  const members = fields.map((field) => ({ name: field.name, column: column(field.type) }));
  return {
    type: duckdb.STRUCT(Object.fromEntries(members.map((member) => [member.name, member.column.type]))),
    toDuck: (value) => {
      const object = value as { readonly [name: string]: WireValue };
      return duckdb.structValue(
        Object.fromEntries(members.map((member) => [member.name, orNull(member.column)(object[member.name] ?? null)])),
      );
    },
  };
}

/** The digits of a decimal text at a scale: "-1.5" at 2 is -150n. Digits beyond the scale are cut off. */
function unscaled(text: string, scale: number): bigint {
  const [whole = "0", fraction = ""] = text.split(".");
  return BigInt(whole + fraction.slice(0, scale).padEnd(scale, "0"));
}

/**
 * The one form of a row among those that are equal in every field, and the form in which the tables give it back: map
 * entries by key, decimals with all their digits, floats as 32 bits hold them, text without lone surrogates.
 */
export function canonicalRows(feed: Feed, rows: readonly Row[]): Row[] {
  const forms = feed.fields.map(({ type }) => canonicalForm(type));
  return rows.map((row) => forms.map((form, i) => canonical(form, row[i] ?? null)));
}

type Form = ((value: WireValue) => WireValue) | null;

const canonical = (form: Form, value: WireValue): WireValue => (form === null || value === null ? value : form(value));

/** Null: every value of the type has one form. The functions are never given null. */
function canonicalForm(type: FieldType): Form {
  switch (type.kind) {
    case "string":
    case "enum":
      return (value) => wellFormed(value as string);
    case "boolean":
    case "int":
    case "date":
      return null;
    case "timestamp":
    case "long":
      return (value) => (typeof value === "string" ? longToWire(BigInt(value)) : value);
    case "float":
      return (value) => (typeof value === "number" ? Math.fround(value) + 0 : value);
    case "double":
      return (value) => (typeof value === "number" ? value + 0 : value); // -0 becomes 0, as JSON has it
    case "decimal":
      return (value) => decimalText(unscaled(String(value), type.scale), type.scale);
    case "bytes":
      return (value) => Buffer.from(value as string, "base64").toString("base64");
    case "array": {
      const items = canonicalForm(type.items);
      return (value) => (value as readonly WireValue[]).map((item) => canonical(items, item));
    }
    case "map": {
      const values = canonicalForm(type.values);
      return (value) => {
        const entries = Object.entries(value as { readonly [name: string]: WireValue });
        entries.sort(([a], [b]) => (a < b ? -1 : 1));
        return Object.fromEntries(entries.map(([key, item]) => [wellFormed(key), canonical(values, item)]));
      };
    }
    case "record": {
      const forms = type.fields.map((field) => ({ name: field.name, form: canonicalForm(field.type) }));
      return (value) => {
        const object = value as { readonly [name: string]: WireValue };
        return Object.fromEntries(forms.map(({ name, form }) => [name, canonical(form, object[name] ?? null)]));
      };
    }
  }
}

/** Half of a surrogate pair has no UTF-8 form: it becomes the replacement character. */
const wellFormed = (text: string): string => {
  const checked = text as WellFormedString;
  return checked.isWellFormed() ? text : checked.toWellFormed();
};

/** ES2024, in Node since 20; the language level of the project does not know it yet. */
type WellFormedString = string & { isWellFormed(): boolean; toWellFormed(): string };

function decimalText(value: bigint, scale: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, "0");
  const sign = value < 0n ? "-" : "";
  if (scale === 0) return sign + digits;
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
