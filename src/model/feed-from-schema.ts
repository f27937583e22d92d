/** Reads a feed out of an Avro schema. Pure: parsing and checking only, no files. */
import { z } from "zod";
import { AppError } from "./app-error";
import type { DisplayColumn, Feed, Field, FieldType } from "./feed";
import { doubleToWire, type WireValue } from "./value";

const DURATION = /^(\d{1,6})(m|h|d)$/;
const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const DEFAULT_HISTORY_MS = 30 * UNIT_MS.d;

/** Files of a partition: more are never needed for what one of them takes well. */
const MAX_BUCKETS = 1_024;

const declaration = z.strictObject({
  feed: z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, "must be lower case letters, digits and underscores"),
  key: z.string(),
  ordering: z.string(),
  rank: z.strictObject({ field: z.string(), order: z.array(z.string()).min(1) }).optional(),
  eventTime: z.string(),
  partition: z.enum(["day", "hour"]).default("day"),
  write: z.enum(["upsert", "append"]).default("upsert"),
  layout: z.enum(["log", "bucket"]).default("log"),
  buckets: z.number().int().min(1).max(MAX_BUCKETS).optional(),
  history: z
    .string()
    .regex(/^(none|\d{1,6}[mhd])$/, 'must be "none" or a duration such as "30d"')
    .optional(),
  /** The feed that this one is computed from: then nobody publishes into it. */
  derivedFrom: z.string().optional(),
  retention: z.string().regex(DURATION, 'must be a duration such as "90d"').optional(),
  display: z
    .strictObject({
      title: z.string().optional(),
      status: z.string().optional(),
      columns: z.array(z.strictObject({ field: z.string(), label: z.string().optional() })).optional(),
    })
    .default({}),
});

/** A column of the tables that Weir adds itself; a schema may not use these names. */
const RESERVED = /^(_hoodie_.*|event_date|event_hour|commit_date)$/i;

/**
 * The feed that an Avro record schema declares.
 *
 * @param schema the parsed JSON of an `.avsc` file with a `weir` attribute
 * @param hash short stable hash of a text, in hex (the browser has no node:crypto, so it comes in as an argument)
 * @throws AppError bad-parameter with a sentence that names the attribute at fault
 */
export function feedFromSchema(schema: unknown, hash: (text: string) => string): Feed {
  const record = schema as { type?: unknown; name?: unknown; fields?: unknown; weir?: unknown };
  if (typeof schema !== "object" || schema === null || record.type !== "record" || !Array.isArray(record.fields)) {
    throw refuse("the schema must be an Avro record");
  }
  const parsed = declaration.safeParse(record.weir);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw refuse(`attribute weir${issue.path.map((part) => `.${String(part)}`).join("")}: ${issue.message}`);
  }
  const weir = parsed.data;
  const names = new Map<string, unknown>();
  const fields = record.fields.map((field: unknown) => readField(field, names));
  const seen = new Set<string>();
  for (const { name } of fields) {
    if (RESERVED.test(name)) throw refuse(`field name ${name} is reserved for the tables`);
    if (seen.has(name.toLowerCase())) throw refuse(`field ${name} is declared twice (engines ignore case)`);
    seen.add(name.toLowerCase());
  }
  const index = (attribute: string, name: string): number => {
    const found = fields.findIndex((field) => field.name === name);
    if (found < 0) throw refuse(`weir.${attribute} names ${JSON.stringify(name)}, which is not a field`);
    return found;
  };
  const key = index("key", weir.key);
  const ordering = index("ordering", weir.ordering);
  const eventTime = index("eventTime", weir.eventTime);
  const must = (attribute: string, i: number, kinds: readonly FieldType["kind"][]) => {
    const field = fields[i]!;
    if (field.nullable || !kinds.includes(field.type.kind)) {
      throw refuse(`weir.${attribute}: field ${field.name} must be a ${kinds.join(" or ")} that is never null`);
    }
  };
  must("key", key, ["string"]);
  must("ordering", ordering, ["timestamp", "long", "int"]);
  must("eventTime", eventTime, ["timestamp"]);
  if ((fields[eventTime]!.type as { unit?: string }).unit !== "millis") {
    throw refuse(`weir.eventTime: field ${weir.eventTime} must be timestamp-millis`);
  }
  const rank = weir.rank && readRank(fields, index("rank.field", weir.rank.field), weir.rank.order);
  const status = weir.display.status ? index("display.status", weir.display.status) : null;
  if (status !== null) must("display.status", status, ["enum", "string"]);
  return {
    name: weir.feed,
    title: weir.display.title ?? weir.feed,
    schema,
    schemaId: hash(JSON.stringify(fields.map(({ name, type, nullable }) => [name, type, nullable]))),
    fields,
    key,
    ordering,
    eventTime,
    rank: rank ?? null,
    granularity: weir.partition,
    partitionColumn: weir.partition === "day" ? "event_date" : "event_hour",
    writeMode: weir.write,
    buckets: bucketsOf(weir),
    historyMs: weir.write === "append" ? null : historyMs(weir.history),
    retentionMs: weir.retention ? durationMs(weir.retention) : null,
    status,
    derivedFrom: weir.derivedFrom ?? null,
    columns: displayColumns(fields, weir.display.columns, index),
  };
}

function bucketsOf({ layout, buckets, write }: z.infer<typeof declaration>): number | null {
  if (layout === "log") {
    if (buckets !== undefined) throw refuse('weir.buckets belongs to "layout": "bucket"');
    return null;
  }
  if (write === "append") throw refuse("weir.layout: an append feed is laid out as a log");
  if (buckets === undefined) {
    throw refuse(
      'weir.layout: with "bucket" weir.buckets must say how many, as many as the other writer of the table has',
    );
  }
  return buckets;
}

function displayColumns(
  fields: readonly Field[],
  declared: readonly { field: string; label?: string | undefined }[] | undefined,
  index: (attribute: string, name: string) => number,
): DisplayColumn[] {
  if (declared && declared.length > 0) {
    return declared.map(({ field, label }) => ({ index: index("display.columns", field), label: label ?? field }));
  }
  return fields.slice(0, 8).map((field, i) => ({ index: i, label: field.name }));
}

const refuse = (reason: string) => new AppError("bad-parameter", `This schema declares no feed: ${reason}.`);

const historyMs = (text: string | undefined): number | null =>
  text === undefined ? DEFAULT_HISTORY_MS : text === "none" ? null : durationMs(text);

function durationMs(text: string): number {
  const [, count, unit] = DURATION.exec(text)!;
  return Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
}

function readRank(fields: readonly Field[], field: number, order: readonly string[]) {
  const type = fields[field]!.type;
  if (type.kind !== "enum" && type.kind !== "string") throw refuse(`weir.rank.field must be an enum or a string`);
  if (type.kind === "enum") {
    const unknown = order.find((symbol) => !type.symbols.includes(symbol));
    if (unknown !== undefined) throw refuse(`weir.rank.order names ${unknown}, which is no symbol of the enum`);
  }
  return { field, of: new Map(order.map((symbol, i) => [symbol, i])) };
}

function readField(json: unknown, names: Map<string, unknown>): Field {
  const field = json as { name?: unknown; type?: unknown; default?: unknown; doc?: unknown; logicalType?: unknown };
  if (typeof json !== "object" || json === null || typeof field.name !== "string") throw refuse("a field has no name");
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,254}$/.test(field.name)) throw refuse(`field name ${field.name} is not allowed`);
  // Publishers of the first version wrote the logical type beside the type instead of inside it.
  const misplaced = typeof field.type === "string" && typeof field.logicalType === "string";
  const declared = misplaced ? { type: field.type, logicalType: field.logicalType } : field.type;
  const { type, nullable } = readType(declared, names, field.name);
  const hasDefault = Object.hasOwn(field, "default");
  return {
    name: field.name,
    type,
    nullable,
    default: hasDefault ? defaultValue(field.default) : undefined,
    doc: typeof field.doc === "string" ? field.doc : null,
  };
}

function defaultValue(json: unknown): WireValue {
  return typeof json === "number" ? doubleToWire(json) : (json as WireValue);
}

function readType(json: unknown, names: Map<string, unknown>, at: string): { type: FieldType; nullable: boolean } {
  if (Array.isArray(json)) {
    const branches = json.filter((branch) => branch !== "null");
    if (branches.length !== 1) throw refuse(`field ${at}: a union must be null and one other type`);
    return { type: readType(branches[0], names, at).type, nullable: branches.length < json.length };
  }
  if (typeof json === "string") {
    const named = names.get(json);
    return named === undefined ? { type: primitive(json, at), nullable: false } : readType(named, names, at);
  }
  return { type: complexType(json as Record<string, unknown>, names, at), nullable: false };
}

function complexType(json: Record<string, unknown>, names: Map<string, unknown>, at: string): FieldType {
  if (typeof json !== "object" || json === null) throw refuse(`field ${at} has no type`);
  const remember = () => {
    if (typeof json["name"] === "string") names.set(json["name"], json);
  };
  switch (json["logicalType"]) {
    case "timestamp-millis":
      return { kind: "timestamp", unit: "millis" };
    case "timestamp-micros":
      return { kind: "timestamp", unit: "micros" };
    case "date":
      return { kind: "date" };
    case "decimal":
      return { kind: "decimal", precision: Number(json["precision"]), scale: Number(json["scale"] ?? 0) };
  }
  switch (json["type"]) {
    case "enum":
      remember();
      return { kind: "enum", symbols: json["symbols"] as string[] };
    case "fixed":
      remember();
      return { kind: "bytes" };
    case "array": {
      const items = readType(json["items"], names, at);
      return { kind: "array", items: items.type, itemsNullable: items.nullable };
    }
    case "map": {
      const values = readType(json["values"], names, at);
      return { kind: "map", values: values.type, valuesNullable: values.nullable };
    }
    case "record":
      remember();
      return { kind: "record", fields: (json["fields"] as unknown[]).map((field) => readField(field, names)) };
    default:
      return readType(json["type"], names, at).type;
  }
}

function primitive(name: string, at: string): FieldType {
  switch (name) {
    case "string":
    case "boolean":
    case "int":
    case "long":
    case "float":
    case "double":
    case "bytes":
      return { kind: name };
    default:
      throw refuse(`field ${at} has type ${JSON.stringify(name)}, which is not known`);
  }
}
