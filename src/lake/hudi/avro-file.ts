/**
 * Avro container files in memory: one block, no codec, as Hudi writes its plans and metadata. Small files only, decoded at
 * once. Longs beyond 2^53 lose digits; none of Hudi's fields reach that.
 */
import avsc from "avsc";

const MAGIC = Buffer.from("Obj\u0001", "latin1");
const SYNC_BYTES = 16;

const HEADER = avsc.Type.forSchema({
  type: "record",
  name: "org.apache.avro.file.Header",
  fields: [
    { name: "magic", type: { type: "fixed", name: "Magic", size: 4 } },
    { name: "meta", type: { type: "map", values: "bytes" } },
    { name: "sync", type: { type: "fixed", name: "Sync", size: SYNC_BYTES } },
  ],
});
const LONG = avsc.Type.forSchema("long");
/** A fresh one for each type: avsc keeps the names that it has seen in the options it is given. */
const withoutWrapping = () => ({ wrapUnions: false });

interface Decoded<T> {
  value: T;
  offset: number;
}

/**
 * All records of a container file by the schema that it carries. Union values come without their branch name.
 *
 * @throws Error when the bytes are no such file, or use a codec
 */
export function decodeAvroFile(bytes: Uint8Array): unknown[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = HEADER.decode(buffer, 0) as Decoded<{ magic: Buffer; meta: Record<string, Buffer>; sync: Buffer }>;
  if (header.offset < 0 || !header.value.magic.equals(MAGIC)) throw new Error("Not an Avro container file.");
  const codec = header.value.meta["avro.codec"]?.toString() ?? "null";
  if (codec !== "null") throw new Error(`Avro codec ${codec} is not used by Hudi's metadata.`);
  const type = avsc.Type.forSchema(JSON.parse(header.value.meta["avro.schema"]!.toString()), withoutWrapping());
  const records: unknown[] = [];
  let offset = header.offset;
  while (offset < buffer.length) {
    const count = LONG.decode(buffer, offset) as Decoded<number>;
    const size = LONG.decode(buffer, count.offset) as Decoded<number>;
    let at = size.offset;
    for (let i = 0; i < count.value; i++) {
      const record = type.decode(buffer, at) as Decoded<unknown>;
      if (record.offset < 0) throw new Error("The Avro container file is cut off.");
      records.push(record.value);
      at = record.offset;
    }
    offset = size.offset + size.value + SYNC_BYTES;
  }
  return records;
}

/**
 * One record as a container file.
 *
 * @param schema a valid Avro schema (avsc's type for schemas does not know extra attributes)
 * @param sync any 16 bytes
 */
export function encodeAvroFile(schema: object, record: unknown, sync: Buffer): Uint8Array {
  const body = avsc.Type.forSchema(schema as avsc.Schema, withoutWrapping()).toBuffer(record);
  return Buffer.concat([emptyAvroFile(schema, sync), LONG.toBuffer(1), LONG.toBuffer(body.length), body, sync]);
}

/** A container file without records. */
export const emptyAvroFile = (schema: object, sync: Buffer): Uint8Array =>
  HEADER.toBuffer({ magic: MAGIC, meta: { "avro.schema": Buffer.from(JSON.stringify(schema)) }, sync });
