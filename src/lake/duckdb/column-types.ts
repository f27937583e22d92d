/**
 * How a feed's fields are columns: their DuckDB type, their Avro type in Hudi's schema, and how names and values become SQL
 * text. The one place that quotes and escapes.
 */
import type { Feed, Field, FieldType } from "../../model/feed";

/** Hudi's columns, first in every file, in this order. */
export const META_COLUMNS = [
  "_hoodie_commit_time",
  "_hoodie_commit_seqno",
  "_hoodie_record_key",
  "_hoodie_partition_path",
  "_hoodie_file_name",
] as const;

/** Column by which a log is partitioned: the UTC day of the commit. */
export const LOG_PARTITION_COLUMN = "commit_date";

/** Digits of every decimal column: DuckDB then writes 16 fixed bytes, which Spark's merge reads rightly (18 and less it does not). */
export const DECIMAL_PRECISION = 38;

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

/** A table's user columns as an Avro record: what Hudi keeps as `hoodie.table.create.schema` and in every commit. */
export function hudiSchema(tableName: string, feed: Feed, partitionColumn: string): string {
  const record = `${tableName}_record`;
  const namespace = `hoodie.${tableName}`;
  const fields = [
    ...feed.fields.map((field) => avroField(field, `${namespace}.${record}`)),
    { name: partitionColumn, type: ["null", "string"], default: null },
  ];
  return JSON.stringify({ type: "record", name: record, namespace, fields });
}

const avroField = (field: Field, namespace: string) => ({
  name: field.name,
  type: ["null", avroType(field.type, `${namespace}.${field.name}`, field.name)],
  default: null,
});

/** `namespace` and `name` are for the types that Avro wants named; they only have to differ from each other. */
function avroType(type: FieldType, namespace: string, name: string): unknown {
  switch (type.kind) {
    case "string":
    case "enum":
      return "string";
    case "boolean":
    case "int":
    case "long":
    case "float":
    case "double":
    case "bytes":
      return type.kind;
    case "timestamp":
      return { type: "long", logicalType: "timestamp-micros" };
    case "date":
      return { type: "int", logicalType: "date" };
    case "decimal":
      return {
        type: "fixed",
        name: "fixed",
        namespace,
        size: 16,
        logicalType: "decimal",
        precision: DECIMAL_PRECISION,
        scale: type.scale,
      };
    case "array":
      return { type: "array", items: ["null", avroType(type.items, `${namespace}.array`, name)] };
    case "map":
      return { type: "map", values: ["null", avroType(type.values, `${namespace}.value`, name)] };
    case "record":
      return {
        type: "record",
        name,
        namespace,
        fields: type.fields.map((field) => avroField(field, `${namespace}.${name}`)),
      };
  }
}
