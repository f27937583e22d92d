/** Rows of a feed as Avro container files: the form in which they are staged, so that any engine can read them by itself. */
import { unscaled } from "../../model/decimal";
import type { Feed, FieldType } from "../../model/feed";
import type { Row, WireValue } from "../../model/value";
import { binaryType } from "./binary-type";
import { encodeBlock, encodeHeader } from "./container";
import { toTwosComplement } from "./decimal";
import { parseSchema, type AvroType } from "./schema";

/** Turns rows that were validated against this feed into the bytes of a file. `sync` is 16 random bytes. */
export type EncodeFile = (rows: readonly Row[], sync: Buffer) => Buffer;

type ToAvro = (value: WireValue) => unknown;

const BLOCK_BYTES = 256 * 1024;

export function fileEncoder(feed: Feed): EncodeFile {
  const type = binaryType(feed.schema);
  const schema = parseSchema(feed.schema);
  if (schema.kind !== "record") throw new Error(`The schema of feed ${feed.name} is no record.`);
  const fields = schema.fields.map(({ name, type }, i) => [name, toAvro(type, feed.fields[i]!.type)] as const);
  const schemaText = JSON.stringify(feed.schema);
  let buffer = Buffer.allocUnsafe(2 * BLOCK_BYTES);

  const toRecord = (row: Row) => {
    const record: Record<string, unknown> = {};
    for (let i = 0; i < fields.length; i++) {
      const [name, convert] = fields[i]!;
      record[name] = convert === null ? row[i] : convert(row[i]!);
    }
    return record;
  };
  const append = (row: Row, pos: number): number => {
    const record = toRecord(row);
    const end = type.encode(record, buffer, pos);
    if (end >= 0) return end;
    const larger = Buffer.allocUnsafe(Math.max(2 * buffer.length, pos - 2 * end));
    buffer.copy(larger, 0, 0, pos);
    buffer = larger;
    return type.encode(record, buffer, pos);
  };

  return (rows, sync) => {
    const parts = [encodeHeader(schemaText, sync)];
    let pos = 0;
    let count = 0;
    for (const row of rows) {
      pos = append(row, pos);
      count++;
      if (pos < BLOCK_BYTES) continue;
      parts.push(encodeBlock(count, buffer.subarray(0, pos), sync));
      pos = count = 0;
    }
    if (count > 0) parts.push(encodeBlock(count, buffer.subarray(0, pos), sync));
    return Buffer.concat(parts);
  };
}

/** From wire form to what avsc writes; null where they are the same. */
function toAvro(avro: AvroType, field: FieldType): ToAvro | null {
  const type = avro.kind === "union" ? avro.branches.find((branch) => branch.kind !== "null")! : avro;
  const convert = valueToAvro(type, field);
  return convert && ((value) => (value === null ? null : convert(value)));
}

function valueToAvro(type: AvroType, field: FieldType): ToAvro | null {
  switch (field.kind) {
    case "float":
    case "double":
      return Number;
    case "bytes":
      return (value) => Buffer.from(value as string, "base64");
    case "decimal": {
      const size = type.kind === "fixed" ? type.size : null;
      return (value) => decimalBytes(value as string, field.scale, size);
    }
    case "array": {
      const item = type.kind === "array" ? toAvro(type.items, field.items) : null;
      return item && ((value) => (value as WireValue[]).map(item));
    }
    case "map": {
      const item = type.kind === "map" ? toAvro(type.values, field.values) : null;
      return item && ((value) => mapValues(value, item));
    }
    case "record": {
      const fields = type.kind === "record" ? type.fields : [];
      const inner = fields.map(({ name, type: inside }, i) => [name, toAvro(inside, field.fields[i]!.type)] as const);
      return (value) => {
        const record = value as Record<string, WireValue>;
        return Object.fromEntries(inner.map(([name, item]) => [name, item ? item(record[name]!) : record[name]]));
      };
    }
    default:
      return null;
  }
}

const mapValues = (value: WireValue, item: ToAvro) =>
  Object.fromEntries(Object.entries(value as Record<string, WireValue>).map(([key, each]) => [key, item(each)]));

function decimalBytes(text: string, scale: number, size: number | null): Buffer {
  const bytes = toTwosComplement(unscaled(text, scale)!, size);
  if (bytes === null) throw new Error(`Decimal ${text} does not fit ${size} bytes.`);
  return bytes;
}
