/**
 * An Avro schema as a tree, names resolved. It is read from publishers' files, so nothing in it is trusted: sizes, depth and
 * names are bounded, and what is not Avro is refused in a sentence.
 */
import { AppError } from "../../model/app-error";

export type AvroPrimitive = "null" | "boolean" | "int" | "long" | "float" | "double" | "bytes" | "string";

export interface AvroField {
  name: string;
  type: AvroType;
  aliases: readonly string[];
}

/** Null when the schema names none, or one that Weir gives no meaning to. */
export type Logical = { name: string; precision: number; scale: number } | null;

export type AvroType =
  | { kind: AvroPrimitive; logical: Logical }
  | { kind: "fixed"; name: string; size: number; logical: Logical }
  | { kind: "enum"; name: string; symbols: readonly string[]; fallback: string | null }
  | { kind: "array"; items: AvroType }
  | { kind: "map"; values: AvroType }
  | { kind: "union"; branches: readonly AvroType[] }
  | { kind: "record"; name: string; fields: readonly AvroField[] };

const PRIMITIVES = new Set<string>(["null", "boolean", "int", "long", "float", "double", "bytes", "string"]);
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const MAX_DEPTH = 64;
const MAX_FIXED_BYTES = 1 << 20;

interface Scope {
  names: Map<string, AvroType>;
  namespace: string;
  depth: number;
}

/**
 * @param json the parsed JSON of a schema
 * @throws AppError bad-body with the part that is at fault
 */
export const parseSchema = (json: unknown): AvroType =>
  readType(json, { names: new Map(), namespace: "", depth: 0 }, null);

const refuse = (reason: string) => new AppError("bad-body", `The Avro schema cannot be used: ${reason}.`);

const shown = (value: unknown): string => (JSON.stringify(value) ?? String(value)).slice(0, 80);

/** @param beside a logical type written beside the type instead of inside it, as publishers of the first version did */
function readType(json: unknown, scope: Scope, beside: unknown): AvroType {
  if (scope.depth > MAX_DEPTH) throw refuse(`it is nested deeper than ${MAX_DEPTH} levels`);
  const inner = { ...scope, depth: scope.depth + 1 };
  if (typeof json === "string") return readName(json, scope, beside);
  if (Array.isArray(json)) {
    if (json.length === 0) throw refuse("a union is empty");
    return { kind: "union", branches: json.map((branch) => readType(branch, inner, beside)) };
  }
  if (typeof json !== "object" || json === null) throw refuse(`${shown(json)} is no type`);
  return readComplex(json as Record<string, unknown>, inner, beside);
}

function readName(name: string, scope: Scope, beside: unknown): AvroType {
  if (PRIMITIVES.has(name)) return { kind: name as AvroPrimitive, logical: readLogical({ logicalType: beside }) };
  const found = scope.names.get(qualify(name, scope.namespace)) ?? scope.names.get(name);
  if (!found) throw refuse(`type ${shown(name)} is not declared`);
  return found;
}

function readComplex(json: Record<string, unknown>, scope: Scope, beside: unknown): AvroType {
  const type = json["type"];
  switch (type) {
    case "record":
    case "error":
      return readRecord(json, scope);
    case "enum":
      return declare(json, scope, (name) => ({
        kind: "enum",
        name,
        symbols: readSymbols(json["symbols"]),
        fallback: typeof json["default"] === "string" ? json["default"] : null,
      }));
    case "fixed": {
      const size = json["size"];
      if (typeof size !== "number" || !Number.isInteger(size) || size < 0 || size > MAX_FIXED_BYTES) {
        throw refuse(`a fixed type has size ${shown(size)}`);
      }
      return declare(json, scope, (name) => ({ kind: "fixed", name, size, logical: readLogical(json) }));
    }
    case "array":
      return { kind: "array", items: readType(json["items"], scope, null) };
    case "map":
      return { kind: "map", values: readType(json["values"], scope, null) };
    default:
      if (typeof type === "string" && PRIMITIVES.has(type)) {
        return { kind: type as AvroPrimitive, logical: readLogical(json) ?? readLogical({ logicalType: beside }) };
      }
      return readType(type, scope, json["logicalType"] ?? beside);
  }
}

function readRecord(json: Record<string, unknown>, scope: Scope): AvroType {
  const declared = json["fields"];
  if (!Array.isArray(declared)) throw refuse(`record ${shown(json["name"])} has no fields`);
  const fields: AvroField[] = [];
  const record = declare(json, scope, (name) => ({ kind: "record", name, fields }));
  const inside = { ...scope, namespace: namespaceOf(json, scope.namespace) };
  for (const item of declared as unknown[]) {
    const field = item as Record<string, unknown> | null;
    if (typeof field !== "object" || field === null || typeof field["name"] !== "string") {
      throw refuse(`record ${shown(json["name"])} has a field without a name`);
    }
    const aliases = Array.isArray(field["aliases"])
      ? field["aliases"].filter((alias) => typeof alias === "string")
      : [];
    fields.push({ name: field["name"], type: readType(field["type"], inside, field["logicalType"]), aliases });
  }
  return record;
}

function readSymbols(json: unknown): string[] {
  if (!Array.isArray(json) || json.some((symbol) => typeof symbol !== "string")) {
    throw refuse("an enum has no list of symbols");
  }
  return json as string[];
}

function readLogical(json: Record<string, unknown>): Logical {
  const name = json["logicalType"];
  if (typeof name !== "string") return null;
  return { name, precision: Number(json["precision"] ?? 0), scale: Number(json["scale"] ?? 0) };
}

/** Makes a named type known before its parts are read, because they may refer to it. */
function declare(json: Record<string, unknown>, scope: Scope, make: (name: string) => AvroType): AvroType {
  const name = json["name"];
  if (typeof name !== "string" || !name.split(".").every((part) => NAME.test(part))) {
    throw refuse(`${shown(name)} is no name of a type`);
  }
  const full = qualify(name, namespaceOf(json, scope.namespace));
  if (scope.names.has(full)) throw refuse(`type ${full} is declared twice`);
  const type = make(full);
  scope.names.set(full, type);
  return type;
}

function namespaceOf(json: Record<string, unknown>, enclosing: string): string {
  const name = String(json["name"]);
  const dot = name.lastIndexOf(".");
  if (dot >= 0) return name.slice(0, dot);
  return typeof json["namespace"] === "string" ? json["namespace"] : enclosing;
}

const qualify = (name: string, namespace: string): string =>
  name.includes(".") || namespace === "" ? name : `${namespace}.${name}`;
