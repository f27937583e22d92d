/**
 * Avro's JSON encoding to plain JSON. They differ in two things: a value of a union that is not null stands in an object that
 * names its branch (`{"string": "x"}`), and bytes are text with a character per byte.
 */
import type { AvroType } from "./schema";
import { decimalText } from "../../model/decimal";
import { fromTwosComplement } from "./decimal";

type Plain = (value: unknown) => unknown;

/** What does not fit the schema is left as it is: the reader of plain JSON says what is wrong with it. */
export function plainFromAvroJson(type: AvroType): Plain {
  switch (type.kind) {
    case "record": {
      // Made when they are first needed: a schema may hold itself.
      let fields: Map<string, Plain> | null = null;
      const read = () => new Map(type.fields.map((field) => [field.name, plainFromAvroJson(field.type)]));
      return (value) => mapMembers(value, (name) => (fields ??= read()).get(name));
    }
    case "map": {
      const values = plainFromAvroJson(type.values);
      return (value) => mapMembers(value, () => values);
    }
    case "array": {
      const items = plainFromAvroJson(type.items);
      return (value) => (Array.isArray(value) ? value.map(items) : value);
    }
    case "union":
      return plainFromUnion(type.branches);
    case "bytes":
    case "fixed": {
      const { logical } = type;
      return (value) => (typeof value === "string" ? bytesValue(Buffer.from(value, "latin1"), logical) : value);
    }
    default:
      return (value) => value;
  }
}

const bytesValue = (bytes: Buffer, logical: Extract<AvroType, { kind: "fixed" }>["logical"]): string =>
  logical?.name === "decimal" ? decimalText(fromTwosComplement(bytes), logical.scale) : bytes.toString("base64");

function plainFromUnion(branches: readonly AvroType[]): Plain {
  const byName = new Map(branches.map((branch) => ["name" in branch ? branch.name : branch.kind, branch]));
  const plain = new Map([...byName].map(([name, branch]) => [name as string, plainFromAvroJson(branch)]));
  return (value) => {
    if (!isObject(value)) return value;
    const [only, ...others] = Object.entries(value);
    const inside = only && others.length === 0 ? plain.get(only[0]) : undefined;
    return inside === undefined ? value : inside(only![1]);
  };
}

function mapMembers(value: unknown, of: (name: string) => Plain | undefined): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, of(name)?.(each) ?? each]));
}

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);
