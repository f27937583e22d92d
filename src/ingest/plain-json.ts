/**
 * Plain JSON events to rows. One reader per feed, made once from its fields: a value goes in, a wire value or the reason
 * why it cannot be taken comes out. Unknown members are ignored, absent ones get the schema's default or null.
 */
import { decimalText, unscaled } from "../model/decimal";
import type { Feed, Field, FieldType } from "../model/feed";
import { longToWire, type Row, type WireValue } from "../model/value";
import { digitsOf } from "./avro/decimal";
import { Refusal, shown } from "./refusal";

export type ReadValue = (value: unknown) => WireValue | Refusal;

const MAX_LONG = 2n ** 63n - 1n;
/** The last day and millisecond that a JavaScript Date, and thus a page, can show. */
export const MAX_DAY = 1e8;
export const MAX_MILLIS = 8.64e15;
const MAX_MAP_KEY = 1_024;

/** Reads one event of this feed. */
export function plainReader(feed: Feed): (event: unknown) => Row | Refusal {
  const readers = feed.fields.map((field) => [field.name, memberReader(field)] as const);
  return (event) => {
    if (typeof event !== "object" || event === null || Array.isArray(event)) {
      return new Refusal(`an event is a JSON object, not ${shown(event)}`);
    }
    const row: WireValue[] = [];
    for (const [name, read] of readers) {
      const value = read(Object.hasOwn(event, name) ? (event as Record<string, unknown>)[name] : undefined);
      if (value instanceof Refusal) return value.within(name);
      row.push(value);
    }
    return row;
  };
}

/** What stands for a member that a publisher left out: the default, else null, else a refusal. */
export function absentValue(field: Field): WireValue | Refusal {
  if (field.default !== undefined) return field.default;
  return field.nullable ? null : new Refusal("is missing");
}

function memberReader(field: Field): ReadValue {
  const absent = absentValue(field);
  const read = valueReader(field.type);
  return (value) => {
    if (value === undefined) return absent;
    if (value === null) return field.nullable ? null : new Refusal("must not be null");
    return read(value);
  };
}

function valueReader(type: FieldType): ReadValue {
  switch (type.kind) {
    case "string":
      return (value) => (typeof value === "string" ? wellFormed(value) : wrong("a string", value));
    case "boolean":
      return (value) => (typeof value === "boolean" ? value : wrong("true or false", value));
    case "int":
      return (value) => (isInt(value) ? value : wrong("a whole number of 32 bits", value));
    case "long":
      return readLong;
    case "float":
      return (value) => readDouble(value, true);
    case "double":
      return (value) => readDouble(value, false);
    case "timestamp":
      return type.unit === "millis" ? readMillis : readMicros;
    case "date":
      return (value) =>
        isInt(value) && Math.abs(value) <= MAX_DAY ? value : wrong("a whole number of days since 1970-01-01", value);
    case "decimal":
      return (value) => readDecimal(value, type.precision, type.scale);
    case "bytes":
      return readBase64;
    case "enum":
      return enumReader(type.symbols);
    case "array":
      return arrayReader(valueReader(type.items));
    case "map":
      return mapReader(valueReader(type.values), type.valuesNullable);
    case "record":
      return recordReader(type.fields);
  }
}

/** A publisher that sends Avro's JSON encoding (`{"string": "x"}`) is told so: nothing else is an object with one member. */
function wrong(wanted: string, value: unknown): Refusal {
  const isUnion =
    typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length === 1;
  return new Refusal(
    `must be ${wanted}, not ${shown(value)}${isUnion ? " (send plain values, not Avro-JSON unions)" : ""}`,
  );
}

const isInt = (value: unknown): value is number => typeof value === "number" && value === (value | 0);

/** Half a surrogate pair is no text (a message that was cut in the middle of an emoji): it becomes U+FFFD, as in UTF-8. */
const wellFormed = (text: string): string =>
  /[\ud800-\udfff]/.test(text) ? text.replace(/\p{Surrogate}/gu, "\ufffd") : text;

function readLong(value: unknown): WireValue | Refusal {
  if (typeof value === "number" && Number.isSafeInteger(value)) return value === 0 ? 0 : value;
  const exact = typeof value === "bigint" ? value : isLongText(value) ? BigInt(value) : null;
  if (exact === null) return wrong("a whole number (a decimal string beyond 2^53)", value);
  return exact > MAX_LONG || exact < -MAX_LONG - 1n ? wrong("a whole number of 64 bits", value) : longToWire(exact);
}

const isLongText = (value: unknown): value is string => typeof value === "string" && /^-?\d{1,19}$/.test(value);

function readDouble(value: unknown, isSingle: boolean): WireValue | Refusal {
  if (value === "NaN" || value === "Infinity" || value === "-Infinity") return value;
  const number = typeof value === "bigint" ? Number(value) : value;
  if (typeof number !== "number") return wrong("a number", value);
  const kept = isSingle ? Math.fround(number) : number;
  if (!Number.isFinite(kept)) return new Refusal("is a number that is too large");
  return kept === 0 ? 0 : kept;
}

function readMillis(value: unknown): WireValue | Refusal {
  const isTime = typeof value === "number" && Number.isSafeInteger(value) && Math.abs(value) <= MAX_MILLIS;
  return isTime ? value : wrong("a time in epoch milliseconds, a whole number", value);
}

function readMicros(value: unknown): WireValue | Refusal {
  const long = readLong(value);
  const isTime = !(long instanceof Refusal) && Math.abs(Number(long)) <= MAX_MILLIS * 1_000;
  return isTime ? long : wrong("a time in epoch microseconds, a whole number", value);
}

export function readDecimal(value: unknown, precision: number, scale: number): WireValue | Refusal {
  const exact = typeof value === "string" || typeof value === "number" ? unscaled(String(value), scale) : null;
  if (exact === null) return wrong(`a decimal string with at most ${scale} digits after the point`, value);
  return digitsOf(exact) > precision
    ? wrong(`a decimal of at most ${precision} digits`, value)
    : decimalText(exact, scale);
}

function readBase64(value: unknown): WireValue | Refusal {
  if (typeof value !== "string") return wrong("base64 text", value);
  return Buffer.from(value, "base64").toString("base64") === value ? value : wrong("base64 text with padding", value);
}

/** A symbol that the schema does not have. */
export const unknownSymbol = (value: unknown, symbols: Iterable<string>): Refusal =>
  new Refusal(`must be one of ${[...symbols].slice(0, 20).join(", ")}, not ${shown(value)}`);

function enumReader(symbols: readonly string[]): ReadValue {
  const known = new Set(symbols);
  return (value) => (typeof value === "string" && known.has(value) ? value : unknownSymbol(value, known));
}

function arrayReader(item: ReadValue): ReadValue {
  return (value) => {
    if (!Array.isArray(value)) return wrong("an array", value);
    const items: WireValue[] = [];
    for (const [i, each] of (value as unknown[]).entries()) {
      const read = each === null ? new Refusal("must not be null") : item(each);
      if (read instanceof Refusal) return read.within(`[${i}]`);
      items.push(read);
    }
    return items;
  };
}

function mapReader(item: ReadValue, isNullable: boolean): ReadValue {
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return wrong("an object of values", value);
    const map: Record<string, WireValue> = {};
    for (const [name, each] of Object.entries(value)) {
      const fault = mapKeyFault(name);
      if (fault) return fault;
      const read = each !== null ? item(each) : isNullable ? null : new Refusal("must not be null");
      if (read instanceof Refusal) return read.within(shown(name));
      map[wellFormed(name)] = read;
    }
    return map;
  };
}

/** Map keys become members of objects: `__proto__` would not be one. */
export function mapKeyFault(name: string): Refusal | null {
  if (name.length > MAX_MAP_KEY)
    return new Refusal(`has a key of ${name.length} characters; ${MAX_MAP_KEY} are allowed`);
  return name === "__proto__" ? new Refusal("has the key __proto__, which is not allowed") : null;
}

function recordReader(fields: readonly Field[]): ReadValue {
  const readers = fields.map((field) => [field.name, memberReader(field)] as const);
  return (value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return wrong("an object", value);
    const record: Record<string, WireValue> = {};
    for (const [name, read] of readers) {
      const each = read(Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined);
      if (each instanceof Refusal) return each.within(name);
      record[name] = each;
    }
    return record;
  };
}
