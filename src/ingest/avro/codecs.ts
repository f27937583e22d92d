/**
 * The codecs of Avro container files (specification 1.11, "Required Codecs" and "Optional Codecs") as publishers write them:
 * deflate and null everywhere, snappy by default from Spark and many Java tools. What a block may inflate to is bounded before
 * it is inflated: a block of a kilobyte can stand for a gigabyte.
 *
 * No zstandard: Node 20 has none of its own, and fzstd 0.1.1 made 2,606,784 bytes of a frame of 3,000,000 without an error.
 */
import { crc32, inflateRawSync } from "node:zlib";
import snappy from "snappyjs";

/** A block is larger than it may be. */
export class BlockTooLargeError extends Error {}

/** Inflates one block. @throws BlockTooLargeError beyond `maxBytes`, another Error for bytes that are not of the codec */
type Inflate = (data: Buffer, maxBytes: number) => Buffer;

export const CODECS = {
  null: (data) => data,
  deflate: inflateDeflate,
  snappy: inflateSnappy,
} as const satisfies Record<string, Inflate>;

export type Codec = keyof typeof CODECS;

export const isCodec = (name: string): name is Codec => Object.hasOwn(CODECS, name);

/** What zlib may make of one block; a longer one cannot be a buffer. */
const MAX_BLOCK_BYTES = 2 ** 31 - 1;
const CRC_BYTES = 4;

function inflateDeflate(data: Buffer, maxBytes: number): Buffer {
  try {
    return inflateRawSync(data, { maxOutputLength: Math.max(1, Math.min(maxBytes, MAX_BLOCK_BYTES)) });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw new BlockTooLargeError();
    throw error;
  }
}

/** A snappy block is followed by the CRC-32 of what it holds. */
function inflateSnappy(data: Buffer, maxBytes: number): Buffer {
  if (data.length <= CRC_BYTES) throw new Error("it is too short for snappy and its checksum");
  const packed = data.subarray(0, -CRC_BYTES);
  if (snappyLength(packed) > maxBytes) throw new BlockTooLargeError();
  const inflated = Buffer.from(snappy.uncompress(packed));
  if (crc32(inflated) !== data.readUInt32BE(packed.length)) throw new Error("its checksum is of something else");
  return inflated;
}

/** What the preamble says: a little-endian varint of at most 32 bits. */
function snappyLength(packed: Buffer): number {
  let length = 0;
  for (let i = 0; i < 5 && i < packed.length; i++) {
    const byte = packed[i]!;
    length += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return length;
  }
  throw new Error("it names no length");
}
