/**
 * Avro object container files: a header with the writer's schema, then blocks that end with the file's sync marker. Files
 * may be cut off or damaged: what can be found between markers is found, what cannot is named with its bytes.
 */
import { AppError } from "../../model/app-error";
import { binaryType, CorruptError, type BinaryType } from "./binary-type";
import { BlockTooLargeError, CODECS, isCodec, type Codec } from "./codecs";

const MAGIC = Buffer.from("Obj\x01", "latin1");
const SYNC_BYTES = 16;
/** Everything of a header or block but its one large part. */
const FRAME_BYTES = 128;
const MAX_SCHEMA_BYTES = 256 * 1024;

const fixed = (name: string, size: number) => ({ type: "fixed", name, size });
const HEADER = binaryType({
  type: "record",
  name: "Header",
  fields: [
    { name: "magic", type: fixed("Magic", MAGIC.length) },
    { name: "meta", type: { type: "map", values: "bytes" } },
    { name: "sync", type: fixed("Sync", SYNC_BYTES) },
  ],
});
const BLOCK = binaryType({
  type: "record",
  name: "Block",
  fields: [
    { name: "count", type: "long" },
    { name: "data", type: "bytes" },
    { name: "sync", type: fixed("Sync", SYNC_BYTES) },
  ],
});

interface HeaderValue {
  meta: Record<string, Buffer>;
  sync: Buffer;
}

export interface Header {
  schemaText: string;
  codec: Codec;
  sync: Buffer;
  /** Where the first block begins; everything before it is the header as it was sent. */
  end: number;
}

export type Block =
  | { kind: "block"; count: number; data: Buffer }
  /** `events` = how many events are lost with it, as far as it is known. */
  | { kind: "damaged"; reason: string; events: number; from: number; to: number };

/** @throws AppError bad-body: there is no header, or no way to read what follows */
export function readHeader(bytes: Buffer): Header {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw new AppError("bad-body", "The body is no Avro container file: it does not begin with Obj and the byte 1.");
  }
  const { value, end } = readHeaderValue(bytes);
  const schemaText = value.meta["avro.schema"]?.toString("utf8");
  if (schemaText === undefined) throw damagedHeader("it names no schema");
  if (schemaText.length > MAX_SCHEMA_BYTES) throw damagedHeader(`its schema is longer than ${MAX_SCHEMA_BYTES} bytes`);
  return { schemaText, codec: readCodec(value.meta["avro.codec"]), sync: value.sync, end };
}

function readHeaderValue(bytes: Buffer): { value: HeaderValue; end: number } {
  try {
    const { value, end } = HEADER.decode(bytes, 0);
    return { value: value as HeaderValue, end };
  } catch (error) {
    if (!(error instanceof CorruptError)) throw error;
    throw damagedHeader(error.message, error);
  }
}

const damagedHeader = (reason: string, cause?: unknown) =>
  new AppError("bad-body", `The header of the Avro container file is damaged: ${reason}.`, {}, { cause });

/** Header of a file whose blocks are not compressed. */
export const encodeHeader = (schemaText: string, sync: Buffer): Buffer => {
  const meta = { "avro.codec": Buffer.from("null"), "avro.schema": Buffer.from(schemaText) };
  return encode(HEADER, { magic: MAGIC, meta, sync }, meta["avro.schema"].length);
};

export const encodeBlock = (count: number, data: Buffer, sync: Buffer): Buffer =>
  encode(BLOCK, { count, data, sync }, data.length);

/** @param size of the one part that may be large */
function encode(type: BinaryType, value: unknown, size: number): Buffer {
  const buffer = Buffer.allocUnsafe(size + FRAME_BYTES);
  return buffer.subarray(0, type.encode(value, buffer, 0));
}

function readCodec(value: Buffer | undefined): Codec {
  const codec = value?.toString("utf8") ?? "null";
  if (isCodec(codec)) return codec;
  throw new AppError(
    "bad-body",
    `The Avro codec ${JSON.stringify(codec.slice(0, 100))} is not read here; write with one of ${Object.keys(CODECS).join(", ")}.`,
  );
}

/**
 * The blocks of a file in their order.
 *
 * @param maxBytes what all blocks together may inflate to
 * @throws AppError too-large
 */
export function* readBlocks(bytes: Buffer, header: Header, maxBytes: number): Generator<Block> {
  let left = maxBytes;
  let pos = header.end;
  while (pos < bytes.length) {
    const found = findBlock(bytes, header.sync, pos);
    pos = found.to;
    const block = found.kind === "damaged" ? found : inflate(found, header.codec, left);
    if (block.kind === "block") left -= block.data.length;
    yield block;
  }
}

interface RawBlock {
  kind: "raw";
  count: number;
  data: Buffer;
  from: number;
  to: number;
}

type Damaged = Extract<Block, { kind: "damaged" }>;

/** The block that begins at `from`, as it was written; `to` is where the next one begins. */
export function findBlock(bytes: Buffer, sync: Buffer, from: number): RawBlock | Damaged {
  try {
    const { value, end } = BLOCK.decode(bytes, from);
    const { count, data, sync: marker } = value as { count: number | string; data: Buffer; sync: Buffer };
    if (typeof count !== "number" || count < 0) throw new CorruptError(`a block names ${count} events`);
    if (!marker.equals(sync)) throw new CorruptError("the block does not end with the file's marker");
    return { kind: "raw", count, data, from, to: end };
  } catch (error) {
    if (!(error instanceof CorruptError)) throw error;
    const marker = bytes.indexOf(sync, from);
    const to = marker < 0 ? bytes.length : marker + SYNC_BYTES;
    return { kind: "damaged", reason: `the file is damaged or cut off here: ${error.message}`, events: 1, from, to };
  }
}

function inflate({ count, data, from, to }: RawBlock, codec: Codec, maxBytes: number): Block {
  try {
    const inflated = CODECS[codec](data, maxBytes);
    if (inflated.length > maxBytes) throw tooLarge();
    // Every event has at least one byte; a count beyond that would make us loop for nothing.
    if (count <= inflated.length) return { kind: "block", count, data: inflated };
    return {
      kind: "damaged",
      reason: `a block of ${inflated.length} bytes names ${count} events`,
      events: 1,
      from,
      to,
    };
  } catch (error) {
    if (error instanceof AppError) throw error;
    if (error instanceof BlockTooLargeError) throw tooLarge();
    const reason = `a block cannot be inflated: ${(error as Error).message}`;
    return { kind: "damaged", reason, events: Math.max(1, Math.min(count, to - from)), from, to };
  }
}

const tooLarge = () =>
  new AppError("too-large", "The blocks of the file inflate to more than a body may have; send it in parts.");
