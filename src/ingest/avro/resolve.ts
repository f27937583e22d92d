/**
 * From what a writer's schema gave to what the feed's fields take: Avro's schema resolution, compiled once per writer's
 * schema. It is done value by value where the library does it schema by schema, because events must not be lost: a symbol
 * that the feed does not know costs its event, not the file. It also knows both spellings of logical types and their units.
 */
import { decimalText } from "../../model/decimal";
import type { Feed, Field, FieldType } from "../../model/feed";
import { doubleToWire, longToWire, type Row, type WireValue } from "../../model/value";
import { absentValue, mapKeyFault, MAX_DAY, MAX_MILLIS, unknownSymbol } from "../plain-json";
import { Refusal, shown } from "../refusal";
import { digitsOf, fromTwosComplement } from "./decimal";
import type { AvroField, AvroType, Logical } from "./schema";

/** A value as binary-type.ts gives it → its wire form. */
type Resolve = (value: unknown) => WireValue | Refusal;

/** One decoded event → the feed's row. */
export type ToRow = (event: unknown) => Row | Refusal;

/**
 * @param writer the schema of the file's header
 * @param aliases former names of the feed's fields
 */
export function rowResolver(writer: AvroType, feed: Feed, aliases: ReadonlyMap<string, readonly string[]>): ToRow {
  if (writer.kind !== "record") return () => new Refusal(`an event is a record, not Avro ${writer.kind}`);
  const { absent, fault, steps } = matchFields(writer.fields, feed.fields, aliases);
  return (event) => {
    const row = absent.slice() as WireValue[];
    let refusal = fault;
    for (const { slot, sent, name, resolve } of steps) {
      const value = resolve((event as Record<string, unknown>)[sent]);
      if (value instanceof Refusal) refusal ??= value.within(name);
      else row[slot] = value;
    }
    return refusal ?? row;
  };
}

/** Which of the writer's fields go where, and what stands for those that it does not have. */
function matchFields(
  sent: readonly AvroField[],
  fields: readonly Field[],
  aliases: ReadonlyMap<string, readonly string[]>,
) {
  const slots = new Map(fields.flatMap(({ name }, i) => (aliases.get(name) ?? []).map((alias) => [alias, i] as const)));
  for (const [i, { name }] of fields.entries()) slots.set(name, i);
  const steps = sent.flatMap((field) => {
    const slot = slots.get(field.name);
    if (slot === undefined) return [];
    const { name, type, nullable } = fields[slot]!;
    return [{ slot, sent: field.name, name, resolve: compile(field.type, type, nullable) }];
  });
  const absent = fields.map((field) => absentValue(field));
  const missing = absent.findIndex((value, i) => value instanceof Refusal && !steps.some(({ slot }) => slot === i));
  const fault = missing < 0 ? null : (absent[missing] as Refusal).within(fields[missing]!.name);
  return { absent, fault, steps };
}

function compile(writer: AvroType, target: FieldType, isNullable: boolean): Resolve {
  const none = isNullable ? null : new Refusal("must not be null");
  if (writer.kind === "null") return () => none;
  if (writer.kind !== "union") {
    return (
      compileValue(writer, target) ?? (() => new Refusal(`is Avro ${writer.kind} where the feed has ${target.kind}`))
    );
  }
  const branches = writer.branches.filter((branch) => branch.kind !== "null");
  if (branches.length === 0) return () => none;
  if (writer.branches.length - branches.length <= 1 && branches.length === 1) {
    const resolve = compile(branches[0]!, target, isNullable);
    return (value) => (value === null ? none : resolve(value));
  }
  const byName = new Map(branches.map((branch) => [branchName(branch), compile(branch, target, isNullable)]));
  return (value) => {
    if (value === null) return none;
    const [name, inside] = Object.entries(value as object)[0]!;
    return byName.get(name)!(inside);
  };
}

const branchName = (type: AvroType): string => ("name" in type ? type.name : type.kind);

/** Null when no value of the writer's type can become one of the target's. */
function compileValue(writer: AvroType, target: FieldType): Resolve | null {
  const isWhole = writer.kind === "int" || writer.kind === "long";
  switch (target.kind) {
    case "string":
      return compileText(writer);
    case "boolean":
      return writer.kind === "boolean" ? (value) => value as boolean : null;
    case "int":
      return isWhole ? readInt : null;
    case "long":
      return isWhole ? (value) => value as number | string : null;
    case "float":
      return isWhole || writer.kind === "float" ? (value) => wireDouble(Math.fround(Number(value))) : null;
    case "double":
      return isWhole || writer.kind === "float" || writer.kind === "double"
        ? (value) => wireDouble(Number(value))
        : null;
    case "timestamp":
      return isWhole ? compileTimestamp(writer.logical, target.unit) : null;
    case "date":
      return writer.kind === "int" ? readDay : null;
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

function compileText(writer: AvroType): Resolve | null {
  if (writer.kind === "string" || writer.kind === "enum") return (value) => value as string;
  return writer.kind === "bytes" ? (value) => (value as Buffer).toString("utf8") : null;
}

const readInt: Resolve = (value) =>
  value === Number(value) && value === (value | 0) ? value : new Refusal(`${shown(value)} is beyond 32 bits`);

/** Zero has one form, so that equal versions are equal. */
const wireDouble = (value: number) => doubleToWire(value === 0 ? 0 : value);

/** Units per second of what a writer calls a time; without a logical type it is taken to be the feed's own unit. */
const PER_SECOND: Readonly<Record<string, bigint>> = {
  "timestamp-millis": 1_000n,
  "local-timestamp-millis": 1_000n,
  "timestamp-micros": 1_000_000n,
  "local-timestamp-micros": 1_000_000n,
  "timestamp-nanos": 1_000_000_000n,
  "local-timestamp-nanos": 1_000_000_000n,
};

function compileTimestamp(logical: Logical, unit: "millis" | "micros"): Resolve {
  const wanted = unit === "millis" ? 1_000n : 1_000_000n;
  const sent = PER_SECOND[logical?.name ?? ""] ?? wanted;
  const limit = unit === "millis" ? MAX_MILLIS : MAX_MILLIS * 1_000;
  const bounded = (value: number | string) =>
    Math.abs(Number(value)) <= limit ? value : new Refusal(`${value} is no time that a calendar has`);
  if (sent === wanted) return (value) => bounded(value as number | string);
  if (sent < wanted) return (value) => bounded(longToWire(BigInt(value as number | string) * (wanted / sent)));
  const divisor = sent / wanted;
  return (value) => {
    // Rounds down, before 1970 too: an instant belongs to the millisecond that it lies in.
    if (typeof value === "number") return bounded(Math.floor(value / Number(divisor)));
    const big = BigInt(value as string);
    return bounded(longToWire(big >= 0n || big % divisor === 0n ? big / divisor : big / divisor - 1n));
  };
}

const readDay: Resolve = (value) =>
  Math.abs(value as number) <= MAX_DAY
    ? (value as number)
    : new Refusal(`${shown(value)} is no day that a calendar has`);

function compileDecimal(writer: AvroType, target: { precision: number; scale: number }): Resolve | null {
  if ((writer.kind !== "bytes" && writer.kind !== "fixed") || writer.logical?.name !== "decimal") return null;
  const shift = target.scale - writer.logical.scale;
  const power = 10n ** BigInt(Math.min(100, Math.abs(shift)));
  return (value) => {
    const bytes = value as Buffer;
    if (bytes.length > 64) return new Refusal(`is a decimal of ${bytes.length} bytes`);
    const unscaled = fromTwosComplement(bytes);
    if (shift < 0 && unscaled % power !== 0n)
      return new Refusal(`has more than ${target.scale} digits after the point`);
    const scaled = shift < 0 ? unscaled / power : unscaled * power;
    if (digitsOf(scaled) > target.precision) return new Refusal(`has more than ${target.precision} digits`);
    return decimalText(scaled, target.scale);
  };
}

function compileBytes(writer: AvroType): Resolve | null {
  if (writer.kind === "bytes" || writer.kind === "fixed") return (value) => (value as Buffer).toString("base64");
  return writer.kind === "string" ? (value) => Buffer.from(value as string).toString("base64") : null;
}

function compileEnum(writer: AvroType, symbols: readonly string[]): Resolve | null {
  const known = new Set(symbols);
  if (writer.kind !== "enum" && writer.kind !== "string") return null;
  return (symbol) => (known.has(symbol as string) ? (symbol as string) : unknownSymbol(symbol, known));
}

function compileArray(item: Resolve): Resolve {
  return (value) => {
    const items: WireValue[] = [];
    for (const each of value as unknown[]) {
      const resolved = item(each);
      if (resolved instanceof Refusal) return resolved.within(`[${items.length}]`);
      items.push(resolved);
    }
    return items;
  };
}

function compileMap(item: Resolve): Resolve {
  return (value) => {
    const map: Record<string, WireValue> = {};
    for (const [name, each] of Object.entries(value as Record<string, unknown>)) {
      const resolved = mapKeyFault(name) ?? item(each);
      if (resolved instanceof Refusal) return resolved.field === null ? resolved.within(shown(name)) : resolved;
      map[name] = resolved;
    }
    return map;
  };
}

function compileRecord(sent: readonly AvroField[], fields: readonly Field[]): Resolve {
  const { absent, fault, steps } = matchFields(sent, fields, new Map());
  return (value) => {
    if (fault !== null) return fault;
    const record = Object.fromEntries(fields.map(({ name }, i) => [name, absent[i] as WireValue]));
    for (const { sent: from, name, resolve } of steps) {
      const inside = resolve((value as Record<string, unknown>)[from]);
      if (inside instanceof Refusal) return inside.within(name);
      record[name] = inside;
    }
    return record;
  };
}
