/**
 * Reads what a writer's schema says and gives the values that the feed's fields take: Avro's schema resolution, compiled once
 * per writer's schema into functions over the bytes. It goes beyond a library's resolver where events must not be lost: one
 * symbol that the feed does not know costs one event, not the file, and longs keep all their digits.
 *
 * A value that does not fit is read to its end all the same and becomes a `Refusal`; only bytes that break the schema throw.
 */
import type { Feed, Field, FieldType } from "../../model/feed";
import { doubleToWire, longToWire, type Row, type WireValue } from "../../model/value";
import { absentValue, mapKeyFault, MAX_DAY, MAX_MILLIS, unknownSymbol } from "../plain-json";
import { Refusal, shown } from "../refusal";
import { CorruptError, type Cursor } from "./cursor";
import { decimalText, digitsOf, fromTwosComplement } from "./decimal";
import { itemCount } from "./item-count";
import type { AvroField, AvroType, Logical } from "./schema";
import { skipper, type Skip } from "./skip";

export type ReadAvro = (cursor: Cursor) => WireValue | Refusal;

/** Reads one event and stands behind it, whether it is taken or not. @throws CorruptError */
export type ReadEvent = (cursor: Cursor) => Row | Refusal;

/** @param writer the schema in the file's header, a record */
export function eventReader(writer: AvroType, feed: Feed, aliases: ReadonlyMap<string, readonly string[]>): ReadEvent {
  if (writer.kind !== "record") {
    const skip = skipper(writer);
    return (cursor) => (skip(cursor), new Refusal(`an event is a record, not Avro ${writer.kind}`));
  }
  const slots = new Map(feed.fields.map((field, i) => [field.name, i]));
  for (const [name, others] of aliases)
    for (const other of others) if (!slots.has(other)) slots.set(other, slots.get(name)!);
  const steps = writer.fields.map((field) => step(field, slots.get(field.name), feed.fields));
  const absent = feed.fields.map((field) => absentValue(field));
  const sent = new Set(writer.fields.map(({ name }) => slots.get(name)));
  const missing = absent.findIndex((value, i) => value instanceof Refusal && !sent.has(i));
  const fault = missing < 0 ? null : (absent[missing] as Refusal).within(feed.fields[missing]!.name);
  return (cursor) => {
    const row = absent.slice() as WireValue[];
    let refusal = fault;
    for (const { slot, name, read } of steps) {
      const value = read(cursor);
      if (slot < 0) continue;
      if (value instanceof Refusal) refusal ??= value.within(name);
      else row[slot] = value;
    }
    return refusal ?? row;
  };
}

function step(field: AvroField, slot: number | undefined, fields: readonly Field[]) {
  if (slot === undefined) {
    const skip = skipper(field.type);
    return { slot: -1, name: field.name, read: (cursor: Cursor) => (skip(cursor), null) };
  }
  const target = fields[slot]!;
  return { slot, name: target.name, read: compile(field.type, target.type, target.nullable) };
}

function compile(writer: AvroType, target: FieldType, isNullable: boolean): ReadAvro {
  if (writer.kind === "union") {
    const branches = writer.branches.map((branch) => compile(branch, target, isNullable));
    return (cursor) => {
      const branch = branches[cursor.smallLong()];
      if (!branch) throw new CorruptError("a union names a branch that it does not have");
      return branch(cursor);
    };
  }
  if (writer.kind === "null") return () => (isNullable ? null : new Refusal("must not be null"));
  return compileValue(writer, target) ?? mismatch(writer, target, skipper(writer));
}

const mismatch = (writer: AvroType, target: FieldType, skip: Skip): ReadAvro => {
  const refusal = new Refusal(`is Avro ${writer.kind} where the feed has ${target.kind}`);
  return (cursor) => (skip(cursor), refusal);
};

/** Null when no value of the writer's type can become one of the target's. */
function compileValue(writer: AvroType, target: FieldType): ReadAvro | null {
  switch (target.kind) {
    case "string":
      return readText(writer);
    case "boolean":
      return writer.kind === "boolean" ? (cursor) => cursor.boolean() : null;
    case "int":
      return compileInt(writer);
    case "long":
      return writer.kind === "int" || writer.kind === "long" ? (cursor) => cursor.long() : null;
    case "float":
    case "double":
      return compileDouble(writer, target.kind);
    case "timestamp":
      return writer.kind === "long" || writer.kind === "int" ? compileTimestamp(writer.logical, target.unit) : null;
    case "date":
      return writer.kind === "int" ? (cursor) => readDay(cursor.int()) : null;
    case "decimal":
      return compileDecimal(writer, target);
    case "bytes":
      return compileBytes(writer);
    case "enum":
      return compileEnum(writer, target.symbols);
    case "array":
      return writer.kind === "array" ? compileArray(compile(writer.items, target.items, false)) : null;
    case "map":
      return writer.kind === "map" ? compileMap(compile(writer.values, target.values, target.valuesNullable)) : null;
    case "record":
      return writer.kind === "record" ? compileRecord(writer.fields, target.fields) : null;
  }
}

function readText(writer: AvroType): ReadAvro | null {
  if (writer.kind === "string" || writer.kind === "bytes") return (cursor) => cursor.string();
  return writer.kind === "enum" ? (cursor) => symbolOf(writer.symbols, cursor) : null;
}

function symbolOf(symbols: readonly string[], cursor: Cursor): string {
  const symbol = symbols[cursor.smallLong()];
  if (symbol === undefined) throw new CorruptError("an enum names a symbol that it does not have");
  return symbol;
}

function compileInt(writer: AvroType): ReadAvro | null {
  if (writer.kind === "int") return (cursor) => cursor.int();
  if (writer.kind !== "long") return null;
  return (cursor) => {
    const value = cursor.long();
    return value === Number(value) && value === (value | 0) ? value : new Refusal(`${value} is beyond 32 bits`);
  };
}

function compileDouble(writer: AvroType, kind: "float" | "double"): ReadAvro | null {
  const wire = (value: number) => doubleToWire(value === 0 ? 0 : kind === "float" ? Math.fround(value) : value);
  switch (writer.kind) {
    case "float":
      return (cursor) => wire(cursor.float());
    case "int":
    case "long":
      return (cursor) => wire(Number(cursor.long()));
    case "double":
      return kind === "double" ? (cursor) => wire(cursor.double()) : null;
    default:
      return null;
  }
}

/** Units per second of what a writer calls a time; without a logical type it is taken to be the feed's own unit. */
const PER_SECOND: Readonly<Record<string, bigint>> = {
  "timestamp-millis": 1_000n,
  "local-timestamp-millis": 1_000n,
  "timestamp-micros": 1_000_000n,
  "local-timestamp-micros": 1_000_000n,
  "timestamp-nanos": 1_000_000_000n,
  "local-timestamp-nanos": 1_000_000_000n,
};

function compileTimestamp(logical: Logical, unit: "millis" | "micros"): ReadAvro {
  const wanted = unit === "millis" ? 1_000n : 1_000_000n;
  const sent = PER_SECOND[logical?.name ?? ""] ?? wanted;
  const limit = unit === "millis" ? MAX_MILLIS : MAX_MILLIS * 1_000;
  const bounded = (value: number | string) =>
    Math.abs(Number(value)) <= limit ? value : new Refusal(`${value} is no time that a calendar has`);
  if (sent === wanted) return (cursor) => bounded(cursor.long());
  if (sent < wanted) return (cursor) => bounded(longToWire(BigInt(cursor.long()) * (wanted / sent)));
  const divisor = sent / wanted;
  const small = Number(divisor);
  return (cursor) => {
    const value = cursor.long();
    // Rounds down, before 1970 too: an instant belongs to the millisecond that it lies in.
    if (typeof value === "number") return bounded(Math.floor(value / small));
    const big = BigInt(value);
    return bounded(longToWire(big >= 0n || big % divisor === 0n ? big / divisor : big / divisor - 1n));
  };
}

const readDay = (day: number): WireValue | Refusal =>
  Math.abs(day) <= MAX_DAY ? day : new Refusal(`${day} is no day that a calendar has`);

const isDecimal = (type: AvroType): type is Extract<AvroType, { logical: Logical }> =>
  (type.kind === "bytes" || type.kind === "fixed") && type.logical?.name === "decimal";

function compileDecimal(writer: AvroType, target: { precision: number; scale: number }): ReadAvro | null {
  if (!isDecimal(writer)) return null;
  const size = writer.kind === "fixed" ? writer.size : null;
  const read = (cursor: Cursor) => (size === null ? cursor.lengthPrefixed() : cursor.fixed(size));
  const shift = target.scale - writer.logical!.scale;
  const power = 10n ** BigInt(Math.min(100, Math.abs(shift)));
  return (cursor) => {
    const bytes = read(cursor);
    if (bytes.length > 64) return new Refusal(`is a decimal of ${bytes.length} bytes`);
    const value = fromTwosComplement(bytes);
    if (shift < 0 && value % power !== 0n) return new Refusal(`has more than ${target.scale} digits after the point`);
    const scaled = shift < 0 ? value / power : value * power;
    if (digitsOf(scaled) > target.precision) return new Refusal(`has more than ${target.precision} digits`);
    return decimalText(scaled, target.scale);
  };
}

function compileBytes(writer: AvroType): ReadAvro | null {
  if (writer.kind === "fixed") return (cursor) => cursor.fixed(writer.size).toString("base64");
  const isBytes = writer.kind === "bytes" || writer.kind === "string";
  return isBytes ? (cursor) => cursor.lengthPrefixed().toString("base64") : null;
}

function compileEnum(writer: AvroType, symbols: readonly string[]): ReadAvro | null {
  const known = new Set(symbols);
  if (writer.kind === "string") {
    return (cursor) => {
      const symbol = cursor.string();
      return known.has(symbol) ? symbol : unknownSymbol(symbol, known);
    };
  }
  if (writer.kind !== "enum") return null;
  const mapped = writer.symbols.map((symbol) => (known.has(symbol) ? symbol : unknownSymbol(symbol, known)));
  return (cursor) => {
    const value = mapped[cursor.smallLong()];
    if (value === undefined) throw new CorruptError("an enum names a symbol that it does not have");
    return value;
  };
}

function compileArray(item: ReadAvro): ReadAvro {
  return (cursor) => {
    const items: WireValue[] = [];
    let refusal: Refusal | null = null;
    for (let count = itemCount(cursor); count > 0; count = itemCount(cursor)) {
      for (; count > 0; count--) {
        const value = item(cursor);
        if (value instanceof Refusal) refusal ??= value.within(`[${items.length}]`);
        else items.push(value);
      }
    }
    return refusal ?? items;
  };
}

function compileMap(item: ReadAvro): ReadAvro {
  return (cursor) => {
    const map: Record<string, WireValue> = {};
    let refusal: Refusal | null = null;
    for (let count = itemCount(cursor); count > 0; count = itemCount(cursor)) {
      for (; count > 0; count--) {
        const name = cursor.string();
        const value = item(cursor);
        refusal ??= mapKeyFault(name);
        if (value instanceof Refusal) refusal ??= value.within(shown(name));
        else if (refusal === null) map[name] = value;
      }
    }
    return refusal ?? map;
  };
}

function compileRecord(sent: readonly AvroField[], fields: readonly Field[]): ReadAvro {
  const slots = new Map(fields.map((field, i) => [field.name, i]));
  const steps = sent.map((field) => step(field, slots.get(field.name), fields));
  const given = new Set(sent.map(({ name }) => name));
  const absent = fields.map((field) => [field.name, absentValue(field)] as const);
  const missing = absent.find(([name, value]) => value instanceof Refusal && !given.has(name));
  const fault = missing ? (missing[1] as Refusal).within(missing[0]) : null;
  return (cursor) => {
    const record = Object.fromEntries(absent) as Record<string, WireValue>;
    let refusal = fault;
    for (const { slot, name, read } of steps) {
      const value = read(cursor);
      if (slot < 0) continue;
      if (value instanceof Refusal) refusal ??= value.within(name);
      else record[name] = value;
    }
    return refusal ?? record;
  };
}
