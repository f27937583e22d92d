/** Reads Avro's binary primitives from bytes that nobody vouches for: every step is checked against the end. */
import { longToWire } from "../../model/value";

/** The bytes do not hold what the schema says. The rest of the block cannot be read, because no boundary is known. */
export class CorruptError extends Error {
  override readonly name = "CorruptError";
}

const TWO_POW_28 = 2 ** 28;
/** Bytes of a varint whose zigzag value still fits a double exactly (7 × 7 = 49 bits). */
const EXACT_BYTES = 7;

export class Cursor {
  pos: number;

  constructor(
    readonly bytes: Buffer,
    pos = 0,
    readonly end = bytes.length,
  ) {
    this.pos = pos;
  }

  get isAtEnd(): boolean {
    return this.pos >= this.end;
  }

  byte(): number {
    if (this.pos >= this.end) throw new CorruptError("the data ends in the middle of a value");
    return this.bytes[this.pos++]!;
  }

  /** A length or count: 0 … what a double holds exactly, else corrupt. Negative ones are for the caller to judge. */
  smallLong(): number {
    const value = this.long();
    if (typeof value !== "number") throw new CorruptError(`${value} is no length`);
    return value;
  }

  /** A long in wire form. */
  long(): number | string {
    const start = this.pos;
    let low = 0;
    let shift = 0;
    let byte: number;
    do {
      byte = this.byte();
      low |= (byte & 0x7f) << shift;
      shift += 7;
    } while (byte & 0x80 && shift < 28);
    if (!(byte & 0x80)) return (low >>> 1) ^ -(low & 1);
    let value = low;
    let factor = TWO_POW_28;
    while (this.pos - start < EXACT_BYTES) {
      byte = this.byte();
      value += (byte & 0x7f) * factor;
      factor *= 128;
      if (!(byte & 0x80)) return value % 2 ? -(value + 1) / 2 : value / 2;
    }
    return this.bigLong(start);
  }

  private bigLong(start: number): number | string {
    this.pos = start;
    let value = 0n;
    let shift = 0n;
    let byte: number;
    do {
      if (shift > 63n) throw new CorruptError("a number has more than ten bytes");
      byte = this.byte();
      value |= BigInt(byte & 0x7f) << shift;
      shift += 7n;
    } while (byte & 0x80);
    value = BigInt.asUintN(64, value);
    return longToWire(value & 1n ? -(value >> 1n) - 1n : value >> 1n);
  }

  int(): number {
    const value = this.long();
    if (typeof value !== "number" || value !== (value | 0)) throw new CorruptError(`${value} is no int`);
    return value;
  }

  boolean(): boolean {
    const byte = this.byte();
    if (byte > 1) throw new CorruptError(`${byte} is no boolean`);
    return byte === 1;
  }

  float(): number {
    return this.bytes.readFloatLE(this.advance(4));
  }

  double(): number {
    return this.bytes.readDoubleLE(this.advance(8));
  }

  /** Bytes with a length before them. A view, not a copy. */
  lengthPrefixed(): Buffer {
    const length = this.length();
    return this.bytes.subarray(this.advance(length), this.pos);
  }

  string(): string {
    const length = this.length();
    const start = this.advance(length);
    return this.bytes.toString("utf8", start, this.pos);
  }

  fixed(size: number): Buffer {
    return this.bytes.subarray(this.advance(size), this.pos);
  }

  /** Moves over `size` bytes and says where they begin. */
  advance(size: number): number {
    const start = this.pos;
    if (size < 0 || size > this.end - start) throw new CorruptError("the data ends in the middle of a value");
    this.pos = start + size;
    return start;
  }

  private length(): number {
    return this.smallLong();
  }
}
