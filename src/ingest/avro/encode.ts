/** Rows of a feed as Avro: the form in which they are staged, so that any engine can read the files by itself. */
import type { Feed } from "../../model/feed";
import type { Row, WireValue } from "../../model/value";
import { unscaled, toTwosComplement } from "./decimal";
import { parseSchema, type AvroType } from "./schema";
import { Sink } from "./sink";

type Write = (sink: Sink, value: WireValue) => void;

const MAGIC = Buffer.from("Obj\x01", "latin1");
const BLOCK_BYTES = 256 * 1024;

/** Turns rows that were validated against this feed into the bytes of an Avro container file. */
export type EncodeFile = (rows: readonly Row[], sync: Uint8Array) => Buffer;

/**
 * @param feed its schema decides the bytes
 * @returns the function that encodes its rows; `sync` is the 16 random bytes that end every block
 */
export function fileEncoder(feed: Feed): EncodeFile {
  const schema = parseSchema(feed.schema);
  if (schema.kind !== "record") throw new Error(`The schema of feed ${feed.name} is no record.`);
  const writers = schema.fields.map((field) => compile(field.type));
  const schemaText = JSON.stringify(feed.schema);
  return (rows, sync) => {
    const parts = [containerHeader(schemaText, sync)];
    const block = new Sink();
    let count = 0;
    const endBlock = () => {
      if (count > 0) parts.push(containerBlock(count, block.take(), sync));
      count = 0;
    };
    for (const row of rows) {
      for (let i = 0; i < writers.length; i++) writers[i]!(block, row[i]!);
      count++;
      if (block.length >= BLOCK_BYTES) endBlock();
    }
    endBlock();
    return Buffer.concat(parts);
  };
}

/** Header of a container file without compression. */
export function containerHeader(schemaText: string, sync: Uint8Array): Buffer {
  const sink = new Sink();
  sink.fixed(MAGIC);
  sink.long(2);
  sink.string("avro.codec");
  sink.string("null");
  sink.string("avro.schema");
  sink.string(schemaText);
  sink.long(0);
  sink.fixed(sync);
  return sink.take();
}

export function containerBlock(count: number, data: Uint8Array, sync: Uint8Array): Buffer {
  const sink = new Sink();
  sink.long(count);
  sink.lengthPrefixed(data);
  sink.fixed(sync);
  return sink.take();
}

function compile(type: AvroType): Write {
  switch (type.kind) {
    case "null":
      return () => undefined;
    case "boolean":
      return (sink, value) => sink.byte(value === true ? 1 : 0);
    case "int":
    case "long":
      return (sink, value) => sink.long(value as number | string);
    case "float":
      return (sink, value) => sink.float(Number(value));
    case "double":
      return (sink, value) => sink.double(Number(value));
    case "string":
      return (sink, value) => sink.string(value as string);
    case "bytes":
      return type.logical?.name === "decimal"
        ? compileDecimal(type.logical.scale, null)
        : (sink, value) => sink.lengthPrefixed(Buffer.from(value as string, "base64"));
    case "fixed":
      return type.logical?.name === "decimal"
        ? compileDecimal(type.logical.scale, type.size)
        : (sink, value) => sink.fixed(Buffer.from(value as string, "base64"));
    case "enum": {
      const index = new Map(type.symbols.map((symbol, i) => [symbol, i]));
      return (sink, value) => sink.long(index.get(value as string)!);
    }
    case "array":
      return compileArray(compile(type.items));
    case "map":
      return compileMap(compile(type.values));
    case "union":
      return compileUnion(type.branches);
    case "record": {
      const fields = type.fields.map((field) => [field.name, compile(field.type)] as const);
      return (sink, value) => {
        for (const [name, write] of fields) write(sink, (value as Record<string, WireValue>)[name]!);
      };
    }
  }
}

function compileDecimal(scale: number, size: number | null): Write {
  return (sink, value) => {
    const bytes = toTwosComplement(unscaled(value as string, scale)!, size);
    if (bytes === null) throw new Error(`Decimal ${String(value)} does not fit ${size} bytes.`);
    if (size === null) sink.lengthPrefixed(bytes);
    else sink.fixed(bytes);
  };
}

function compileArray(item: Write): Write {
  return (sink, value) => {
    const items = value as readonly WireValue[];
    if (items.length > 0) {
      sink.long(items.length);
      for (const each of items) item(sink, each);
    }
    sink.long(0);
  };
}

function compileMap(item: Write): Write {
  return (sink, value) => {
    const entries = Object.entries(value as Record<string, WireValue>);
    if (entries.length > 0) {
      sink.long(entries.length);
      for (const [key, each] of entries) {
        sink.string(key);
        item(sink, each);
      }
    }
    sink.long(0);
  };
}

/** A feed's union is null and at most one other type (model/feed-from-schema.ts). */
function compileUnion(branches: readonly AvroType[]): Write {
  const none = branches.findIndex((branch) => branch.kind === "null");
  const some = branches.findIndex((branch) => branch.kind !== "null");
  const write = compile(branches[some]!);
  return (sink, value) => {
    if (value === null) return sink.long(none);
    sink.long(some);
    write(sink, value);
  };
}
