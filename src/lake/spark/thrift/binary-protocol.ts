/**
 * Thrift's binary protocol over whole messages, for the structs that hive-driver's generated code reads and writes: these two
 * classes are the `input` and `output` that it calls. A message is in memory when it is read, so nothing is parsed twice, and
 * a long is a bigint from the first moment on.
 */

/** Types of the binary protocol. */
export const WIRE = {
  STOP: 0,
  BOOL: 2,
  BYTE: 3,
  DOUBLE: 4,
  I16: 6,
  I32: 8,
  I64: 10,
  STRING: 11,
  STRUCT: 12,
  MAP: 13,
  SET: 14,
  LIST: 15,
} as const;

const VERSION_MASK = 0xffff0000;
const VERSION_1 = 0x80010000;
/** The answers of HiveServer2 nest five structs deep. */
const MAX_DEPTH = 64;

/** The bytes are no message of the protocol, or end before it does. */
export class MalformedMessage extends Error {
  override readonly name = "MalformedMessage";
}

/** More bytes were needed than there are: a message that is not all there, or a broken one. */
export class EndOfBytes extends MalformedMessage {}

export class BinaryReader {
  #at = 0;

  constructor(private readonly bytes: Buffer) {}

  /** How many bytes were read. */
  get position(): number {
    return this.#at;
  }

  #take(length: number): number {
    const from = this.#at;
    if (length < 0) throw new MalformedMessage(`A field of ${length} bytes at ${from}.`);
    if (from + length > this.bytes.length) {
      throw new EndOfBytes(`A field of ${length} bytes at ${from} in a message of ${this.bytes.length}.`);
    }
    this.#at += length;
    return from;
  }

  readMessageBegin(): { fname: string; mtype: number; rseqid: number } {
    const version = this.readI32() >>> 0;
    if ((version & VERSION_MASK) >>> 0 !== VERSION_1) throw new MalformedMessage("It is no message of Thrift's.");
    return { fname: this.readString(), mtype: version & 0xff, rseqid: this.readI32() };
  }

  readFieldBegin(): { fname: null; ftype: number; fid: number } {
    const ftype = this.readByte();
    return { fname: null, ftype, fid: ftype === WIRE.STOP ? 0 : this.readI16() };
  }

  readListBegin(): { etype: number; size: number } {
    return { etype: this.readByte(), size: this.#readSize(1) };
  }

  readSetBegin(): { etype: number; size: number } {
    return this.readListBegin();
  }

  readMapBegin(): { ktype: number; vtype: number; size: number } {
    return { ktype: this.readByte(), vtype: this.readByte(), size: this.#readSize(2) };
  }

  /** Of a list or a map: no more than the bytes that are left can hold, so that a hostile size costs nothing. */
  #readSize(bytesEach: number): number {
    const size = this.readI32();
    if (size < 0) throw new MalformedMessage(`A list of ${size}.`);
    const left = this.bytes.length - this.#at;
    if (size * bytesEach > left) throw new EndOfBytes(`A list of ${size} with ${left} bytes left.`);
    return size;
  }

  readBool(): boolean {
    return this.bytes[this.#take(1)] !== 0;
  }

  readByte(): number {
    return this.bytes.readInt8(this.#take(1));
  }

  readI16(): number {
    return this.bytes.readInt16BE(this.#take(2));
  }

  readI32(): number {
    return this.bytes.readInt32BE(this.#take(4));
  }

  readI64(): bigint {
    return this.bytes.readBigInt64BE(this.#take(8));
  }

  readDouble(): number {
    return this.bytes.readDoubleBE(this.#take(8));
  }

  readString(): string {
    const length = this.readI32();
    const from = this.#take(length);
    return this.bytes.toString("utf8", from, from + length);
  }

  /** A view into the message: whoever keeps it for long copies it. */
  readBinary(): Buffer {
    const length = this.readI32();
    const from = this.#take(length);
    return this.bytes.subarray(from, from + length);
  }

  skip(type: number, depth = 0): void {
    if (depth > MAX_DEPTH) throw new MalformedMessage("The message nests too deep.");
    switch (type) {
      case WIRE.BOOL:
      case WIRE.BYTE:
        this.#take(1);
        return;
      case WIRE.I16:
        this.#take(2);
        return;
      case WIRE.I32:
        this.#take(4);
        return;
      case WIRE.I64:
      case WIRE.DOUBLE:
        this.#take(8);
        return;
      case WIRE.STRING:
        this.#take(this.readI32());
        return;
      case WIRE.STRUCT:
        for (let { ftype } = this.readFieldBegin(); ftype !== WIRE.STOP; { ftype } = this.readFieldBegin()) {
          this.skip(ftype, depth + 1);
        }
        return;
      case WIRE.MAP: {
        const { ktype, vtype, size } = this.readMapBegin();
        for (let i = 0; i < size; i++) {
          this.skip(ktype, depth + 1);
          this.skip(vtype, depth + 1);
        }
        return;
      }
      case WIRE.SET:
      case WIRE.LIST: {
        const { etype, size } = this.readListBegin();
        for (let i = 0; i < size; i++) this.skip(etype, depth + 1);
        return;
      }
      default:
        throw new MalformedMessage(`There is no type ${type}.`);
    }
  }

  // The binary protocol writes nothing at these places.
  readMessageEnd(): void {}
  readStructBegin(): void {}
  readStructEnd(): void {}
  readFieldEnd(): void {}
  readListEnd(): void {}
  readSetEnd(): void {}
  readMapEnd(): void {}
}

/** Collects one message in the transport that it is given. */
export class BinaryWriter {
  constructor(private readonly out: MessageBytes) {}

  writeMessageBegin(name: string, type: number, seqid: number): void {
    this.writeI32(VERSION_1 | type | 0);
    this.writeString(name);
    this.writeI32(seqid);
  }

  writeFieldBegin(_name: string, type: number, id: number): void {
    this.writeByte(type);
    this.writeI16(id);
  }

  writeFieldStop(): void {
    this.writeByte(WIRE.STOP);
  }

  writeListBegin(type: number, size: number): void {
    this.writeByte(type);
    this.writeI32(size);
  }

  writeSetBegin(type: number, size: number): void {
    this.writeListBegin(type, size);
  }

  writeMapBegin(keys: number, values: number, size: number): void {
    this.writeByte(keys);
    this.writeListBegin(values, size);
  }

  writeBool(value: boolean): void {
    this.writeByte(value ? 1 : 0);
  }

  writeByte(value: number): void {
    this.out.add(Buffer.from([value & 0xff]));
  }

  writeI16(value: number): void {
    const bytes = Buffer.allocUnsafe(2);
    bytes.writeInt16BE(value);
    this.out.add(bytes);
  }

  writeI32(value: number): void {
    const bytes = Buffer.allocUnsafe(4);
    bytes.writeInt32BE(value);
    this.out.add(bytes);
  }

  /** A bigint, or the Int64 object that the generated code has for a default. */
  writeI64(value: bigint | { buffer: Buffer }): void {
    if (typeof value !== "bigint") {
      this.out.add(value.buffer);
      return;
    }
    const bytes = Buffer.allocUnsafe(8);
    bytes.writeBigInt64BE(value);
    this.out.add(bytes);
  }

  writeDouble(value: number): void {
    const bytes = Buffer.allocUnsafe(8);
    bytes.writeDoubleBE(value);
    this.out.add(bytes);
  }

  writeString(value: string): void {
    this.writeBinary(Buffer.from(value, "utf8"));
  }

  writeBinary(value: Buffer): void {
    this.writeI32(value.length);
    this.out.add(value);
  }

  writeMessageEnd(): void {}
  writeStructBegin(): void {}
  writeStructEnd(): void {}
  writeFieldEnd(): void {}
  writeListEnd(): void {}
  writeSetEnd(): void {}
  writeMapEnd(): void {}
}

/** The bytes of one message while it is written. */
export class MessageBytes {
  readonly #pieces: Buffer[] = [];

  add(piece: Buffer): void {
    this.#pieces.push(piece);
  }

  /** Called by the generated code after each message; the bytes are taken by `take`. */
  flush(): void {}

  take(): Buffer {
    return Buffer.concat(this.#pieces.splice(0));
  }
}
