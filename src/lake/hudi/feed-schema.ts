/** How a feed's fields are the columns of its tables, as Hudi keeps them: an Avro record of optional fields. */
import type { Feed, Field, FieldType } from "../../model/feed";

/** Column by which a log is partitioned: the UTC day of the commit. */
export const LOG_PARTITION_COLUMN = "commit_date";

/** Digits of every decimal column: as 16 fixed bytes Spark's merge reads them rightly (with 18 digits and less it does not). */
export const DECIMAL_PRECISION = 38;

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
