/**
 * How a feed's fields are columns in DuckDB, and how names and values become SQL text. The one place that quotes and escapes.
 */
import type { FieldType } from "../../model/feed";
import { DECIMAL_PRECISION } from "../hudi/feed-schema";

/** Hudi's columns, first in every file, in this order. */
export const META_COLUMNS = [
  "_hoodie_commit_time",
  "_hoodie_commit_seqno",
  "_hoodie_record_key",
  "_hoodie_partition_path",
  "_hoodie_file_name",
] as const;

/** Any name as an SQL identifier. */
export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Any text as an SQL string literal. NUL cannot stand in SQL text, so such a text is built by function. */
export function literal(text: string): string {
  if (text.includes("\0")) return `(${text.split("\0").map(quoted).join(" || chr(0) || ")})`;
  return quoted(text);
}

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A list of texts as an SQL list literal. */
export const literalList = (texts: readonly string[]): string => `[${texts.map(literal).join(", ")}]`;

/** DuckDB type of a field in the tables. */
export function duckdbType(type: FieldType): string {
  switch (type.kind) {
    case "string":
    case "enum":
      return "VARCHAR";
    case "boolean":
      return "BOOLEAN";
    case "int":
      return "INTEGER";
    case "long":
      return "BIGINT";
    case "float":
      return "FLOAT";
    case "double":
      return "DOUBLE";
    case "timestamp":
      return "TIMESTAMPTZ";
    case "date":
      return "DATE";
    case "decimal":
      return `DECIMAL(${DECIMAL_PRECISION}, ${type.scale})`;
    case "bytes":
      return "BLOB";
    case "array":
      return `${duckdbType(type.items)}[]`;
    case "map":
      return `MAP(VARCHAR, ${duckdbType(type.values)})`;
    case "record":
      return `STRUCT(${type.fields.map((field) => `${identifier(field.name)} ${duckdbType(field.type)}`).join(", ")})`;
  }
}
