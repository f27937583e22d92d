/**
 * This folder is the one door to avsc. Here a schema becomes a type that reads and writes Avro's binary form. What comes out are plain JavaScript
 * values, except for these: a long is in wire form (model/value.ts), bytes are a Buffer, and a union of more than null and one
 * other type gives `{branch: value}`.
 *
 * Two of avsc's types are replaced where it reads: its arrays and maps believe the count that the bytes name, so that six
 * bytes make it allocate until the process ends (docs/decisions/2026-11-21-avro-from-strangers.md).
 */
import avro from "avsc";
import { AppError } from "../../model/app-error";
import { exactLong } from "./exact-long";

/** The bytes do not hold what the schema says. What follows cannot be read, because no boundary is known. */
export class CorruptError extends Error {
  override readonly name = "CorruptError";
}

export interface BinaryType {
  /** @throws CorruptError */
  decode(bytes: Buffer, pos: number): { value: unknown; end: number };
  /** Where the value ends, or minus the number of bytes that it lacks: then the buffer must be larger. */
  encode(value: unknown, buffer: Buffer, pos: number): number;
}

/** @throws AppError bad-body when the schema is none */
export function binaryType(schema: unknown): BinaryType {
  const type = compile(schema);
  return {
    decode(bytes, pos) {
      const { value, offset } = decoded(type, bytes, pos);
      if (offset < 0) throw new CorruptError("the data ends in the middle of a value");
      return { value, end: offset };
    },
    encode: (value, buffer, pos) => type.encode(value, buffer, pos),
  };
}

function compile(schema: unknown): avro.Type {
  try {
    return avro.Type.forSchema(schema as avro.Schema, { registry: {}, typeHook: safeType });
  } catch (error) {
    throw new AppError(
      "bad-body",
      `The Avro schema cannot be used: ${(error as Error).message}.`,
      {},
      { cause: error },
    );
  }
}

/** Whatever avsc throws while it reads (also when a value is nested until the stack ends) says that the bytes are wrong. */
function decoded(type: avro.Type, bytes: Buffer, pos: number): { value: unknown; offset: number } {
  try {
    return type.decode(bytes, pos) as { value: unknown; offset: number };
  } catch (error) {
    throw new CorruptError((error as Error).message, { cause: error });
  }
}

type Options = Parameters<NonNullable<avro.ForSchemaOptions["typeHook"]>>[1];

function safeType(schema: avro.Schema, options: Options): avro.Type | undefined {
  if (Array.isArray(schema)) {
    const isNullable = schema.length === 1 || (schema.length === 2 && schema.includes("null"));
    return isNullable ? undefined : new avro.types.WrappedUnionType(schema, options);
  }
  const kind = typeof schema === "string" ? schema : (schema as { type?: unknown }).type;
  if (kind === "long") return exactLong;
  if (kind === "array") return new BoundedArray(schema, options);
  return kind === "map" ? new BoundedMap(schema, options) : undefined;
}

/** What avsc hands to the reading half of a type: the bytes and the place in them. */
interface Tap {
  buf: Buffer;
  pos: number;
  readLong(): number;
  readString(): string;
}

interface Readable {
  _read(tap: Tap): unknown;
}

/** The count of the next part of a collection; 0 ends it. */
function itemCount(tap: Tap): number {
  let count = tap.readLong();
  if (count < 0) {
    count = -count;
    tap.readLong(); // the size of the part, for those who jump over it
  }
  if (count > tap.buf.length - tap.pos)
    throw new CorruptError(`a collection names ${count} items, more than the data has`);
  return count;
}

/** Reads one item; each must take some of the data, or a few bytes could ask for work without end. */
function readItem(tap: Tap, type: Readable): unknown {
  const before = tap.pos;
  const item = type._read(tap);
  if (tap.pos <= before || tap.pos > tap.buf.length)
    throw new CorruptError("a collection holds items that are not there");
  return item;
}

class BoundedArray extends avro.types.ArrayType {
  _read(tap: Tap): unknown[] {
    const items: unknown[] = [];
    const type = this.itemsType as unknown as Readable;
    for (let count = itemCount(tap); count > 0; count = itemCount(tap)) {
      for (; count > 0; count--) items.push(readItem(tap, type));
    }
    return items;
  }
}

class BoundedMap extends avro.types.MapType {
  _read(tap: Tap): unknown {
    // Without a prototype, so that no key of a stranger means anything.
    const map = Object.create(null) as Record<string, unknown>;
    const type = this.valuesType as unknown as Readable;
    for (let count = itemCount(tap); count > 0; count = itemCount(tap)) {
      for (; count > 0; count--) map[tap.readString()] = readItem(tap, type);
    }
    return map;
  }
}
