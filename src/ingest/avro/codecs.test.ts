import { crc32, deflateRawSync } from "node:zlib";
import snappy from "snappyjs";
import { describe, expect, test } from "vitest";
import { BlockTooLargeError, CODECS, type Codec } from "./codecs";

const TEXT = Buffer.from("the bytes of a block");
const THREE_MB = Buffer.alloc(3_000_000, "a");

function snappyBlock(bytes: Buffer): Buffer {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(bytes));
  return Buffer.concat([Buffer.from(snappy.compress(bytes)), checksum]);
}

const WRITTEN: Record<Codec, { text: Buffer; large: Buffer }> = {
  null: { text: TEXT, large: THREE_MB },
  deflate: { text: deflateRawSync(TEXT), large: deflateRawSync(THREE_MB) },
  snappy: { text: snappyBlock(TEXT), large: snappyBlock(THREE_MB) },
};

test.each(Object.keys(CODECS) as Codec[])("a block in %s gives the bytes that were written", (codec) => {
  const { text, large } = WRITTEN[codec];
  expect(CODECS[codec](text, 1_000)).toEqual(TEXT);
  expect(CODECS[codec](large, 3_000_000).equals(THREE_MB)).toBe(true);
});

describe.each(["deflate", "snappy"] as const)("a block in %s", (codec) => {
  const { text, large } = WRITTEN[codec];
  const inflate = CODECS[codec];

  test("is not inflated beyond its bound (invariant 6)", () => {
    expect(() => inflate(large, 2_999_999)).toThrow(BlockTooLargeError);
  });

  test("that is cut off or of another codec is no block", () => {
    expect(() => inflate(text.subarray(0, -6), 1_000)).toThrow();
    expect(() => inflate(Buffer.from("these are no such bytes, whatever they are"), 1_000)).toThrow();
    expect(() => inflate(Buffer.alloc(0), 1_000)).toThrow();
  });
});

test("a snappy block whose checksum is of something else is no block", () => {
  const block = snappyBlock(TEXT);
  block[block.length - 1]! ^= 1;
  expect(() => CODECS.snappy(block, 1_000)).toThrow(/checksum/);
});

test("a snappy block that claims four gigabytes is refused before anything is reserved (invariant 6)", () => {
  const claim = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0, 0, 0]);
  expect(() => CODECS.snappy(claim, 1_000)).toThrow(BlockTooLargeError);
});
