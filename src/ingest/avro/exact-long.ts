/** Avro longs in wire form, with all their digits: avsc's own refuse what a double cannot hold. */
import avro from "avsc";
import { longToWire } from "../../model/value";

type Wire = number | string;

/** Bytes of a varint whose value a double holds exactly (7 × 7 = 49 bits). */
const EXACT_BYTES = 7;
const MAX_BYTES = 10;

/** Told to avsc through its hook for number types of one's own; the buffers hold the varint as it lies in the data. */
export const exactLong = avro.types.LongType.__with(
  {
    fromBuffer: fromVarint,
    toBuffer: toVarint,
    fromJSON: (json: Wire) => json,
    toJSON: (wire: Wire) => wire,
    isValid: (value: unknown) =>
      typeof value === "number" ? Number.isSafeInteger(value) : typeof value === "string" && /^-?\d{1,19}$/.test(value),
    compare: (a: Wire, b: Wire) => Number(BigInt(a) > BigInt(b)) - Number(BigInt(a) < BigInt(b)),
  },
  true,
);

function fromVarint(bytes: Buffer): Wire {
  if (bytes.length > EXACT_BYTES) return fromLongVarint(bytes);
  let value = 0;
  for (let i = bytes.length - 1; i >= 0; i--) value = value * 128 + (bytes[i]! & 0x7f);
  return value % 2 ? -(value + 1) / 2 : value / 2;
}

function fromLongVarint(bytes: Buffer): Wire {
  if (bytes.length > MAX_BYTES) throw new Error(`a number has ${bytes.length} bytes`);
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 7n) | BigInt(bytes[i]! & 0x7f);
  value = BigInt.asUintN(64, value);
  return longToWire(value & 1n ? -(value >> 1n) - 1n : value >> 1n);
}

function toVarint(wire: Wire): Buffer {
  const bytes = Buffer.allocUnsafe(MAX_BYTES);
  let length = 0;
  if (typeof wire === "number" && Math.abs(wire) < 2 ** 51) {
    let rest = wire < 0 ? -wire * 2 - 1 : wire * 2;
    for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes[length++] = (rest % 128) | 0x80;
    bytes[length++] = rest;
  } else {
    const exact = BigInt(wire);
    let rest = BigInt.asUintN(64, (exact << 1n) ^ (exact >> 63n));
    for (; rest >= 0x80n; rest >>= 7n) bytes[length++] = Number(rest & 0x7fn) | 0x80;
    bytes[length++] = Number(rest);
  }
  return bytes.subarray(0, length);
}
