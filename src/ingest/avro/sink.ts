/** Writes Avro's binary primitives into one growing buffer. */
const START_BYTES = 64 * 1024;

export class Sink {
  private buffer = Buffer.allocUnsafe(START_BYTES);
  private used = 0;

  /** A copy of everything written, and the sink is empty again. */
  take(): Buffer {
    const bytes = Buffer.from(this.buffer.subarray(0, this.used));
    this.used = 0;
    return bytes;
  }

  get length(): number {
    return this.used;
  }

  byte(value: number): void {
    this.reserve(1);
    this.buffer[this.used++] = value;
  }

  /** @param wire a long in wire form: a number, or a decimal string beyond 2^53 */
  long(wire: number | string): void {
    this.reserve(10);
    if (typeof wire === "number" && wire === (wire | 0) && wire >= -(2 ** 30) && wire < 2 ** 30) {
      this.varint(((wire << 1) ^ (wire >> 31)) >>> 0);
    } else if (typeof wire === "number" && Math.abs(wire) < 2 ** 51) {
      this.varint(wire < 0 ? -wire * 2 - 1 : wire * 2);
    } else {
      this.bigVarint(BigInt.asUintN(64, (BigInt(wire) << 1n) ^ (BigInt(wire) >> 63n)));
    }
  }

  float(value: number): void {
    this.reserve(4);
    this.used = this.buffer.writeFloatLE(value, this.used);
  }

  double(value: number): void {
    this.reserve(8);
    this.used = this.buffer.writeDoubleLE(value, this.used);
  }

  string(text: string): void {
    // The length stands before the text: most texts are short, so the size is asked first and the text copied once.
    const size = Buffer.byteLength(text);
    this.long(size);
    this.reserve(size);
    this.used += this.buffer.write(text, this.used, size, "utf8");
  }

  lengthPrefixed(bytes: Uint8Array): void {
    this.long(bytes.length);
    this.fixed(bytes);
  }

  fixed(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.buffer.set(bytes, this.used);
    this.used += bytes.length;
  }

  private varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.buffer[this.used++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.buffer[this.used++] = rest;
  }

  private bigVarint(value: bigint): void {
    let rest = value;
    while (rest >= 0x80n) {
      this.buffer[this.used++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.buffer[this.used++] = Number(rest);
  }

  private reserve(size: number): void {
    if (this.used + size <= this.buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.buffer.length * 2, this.used + size));
    this.buffer.copy(larger, 0, 0, this.used);
    this.buffer = larger;
  }
}
