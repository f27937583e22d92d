import { describe, expect, test } from "vitest";
import type { FieldType } from "./feed";
import { feedFromSchema } from "./feed-from-schema";

const hash = (text: string) => String(text.length);
const millis = { type: "long", logicalType: "timestamp-millis" };

function schema(weir: object = {}, fields: object[] = []) {
  return {
    type: "record",
    name: "Thing",
    weir: { feed: "things", key: "id", ordering: "at", eventTime: "at", ...weir },
    fields: [{ name: "id", type: "string" }, { name: "at", type: millis }, ...fields],
  };
}

const feedOf = (weir: object = {}, ...fields: object[]) => feedFromSchema(schema(weir, fields), hash);

const typeOf = (type: unknown, more: object = {}) => feedOf({}, { name: "v", type, ...more }).fields[2]!;

test("what is left out has its default", () => {
  expect(feedOf()).toMatchObject({
    name: "things",
    title: "things",
    key: 0,
    ordering: 1,
    eventTime: 1,
    rank: null,
    granularity: "day",
    partitionColumn: "event_date",
    writeMode: "upsert",
    buckets: null,
    historyMs: 30 * 86_400_000,
    retentionMs: null,
    status: null,
    columns: [
      { index: 0, label: "id" },
      { index: 1, label: "at" },
    ],
  });
});

test("an append feed has no log beside it, and history none has none either", () => {
  expect(feedOf({ write: "append", partition: "hour" })).toMatchObject({
    historyMs: null,
    partitionColumn: "event_hour",
  });
  expect(feedOf({ history: "none" }).historyMs).toBeNull();
  expect(feedOf({ history: "12h", retention: "90d" })).toMatchObject({
    historyMs: 12 * 3_600_000,
    retentionMs: 90 * 86_400_000,
  });
});

test("the state is laid out in buckets when it says how many", () => {
  expect(feedOf({ layout: "bucket", buckets: 8 }).buckets).toBe(8);
  expect(feedOf({ layout: "log" }).buckets).toBeNull();
  expect(() => feedOf({ layout: "bucket" })).toThrow(/weir\.buckets must say how many/);
  expect(() => feedOf({ buckets: 8 })).toThrow(/weir\.buckets belongs to "layout": "bucket"/);
  expect(() => feedOf({ layout: "bucket", buckets: 0 })).toThrow(/attribute weir\.buckets/);
  expect(() => feedOf({ layout: "bucket", buckets: 8, write: "append" })).toThrow(/append feed is laid out as a log/);
});

describe("types", () => {
  test.each<[unknown, FieldType]>([
    ["string", { kind: "string" }],
    [{ type: "string" }, { kind: "string" }],
    [millis, { kind: "timestamp", unit: "millis" }],
    [
      { type: "long", logicalType: "timestamp-micros" },
      { kind: "timestamp", unit: "micros" },
    ],
    [{ type: "int", logicalType: "date" }, { kind: "date" }],
    [
      { type: "bytes", logicalType: "decimal", precision: 5, scale: 2 },
      { kind: "decimal", precision: 5, scale: 2 },
    ],
    [{ type: "string", logicalType: "uuid" }, { kind: "string" }],
    [
      { type: "enum", name: "S", symbols: ["A"] },
      { kind: "enum", symbols: ["A"] },
    ],
    [{ type: "fixed", name: "F", size: 2 }, { kind: "bytes" }],
    [
      { type: "array", items: ["null", "int"] },
      { kind: "array", items: { kind: "int" }, itemsNullable: true },
    ],
    [
      { type: "map", values: "double" },
      { kind: "map", values: { kind: "double" }, valuesNullable: false },
    ],
  ])("%j", (avro, type) => {
    expect(typeOf(avro).type).toEqual(type);
    expect(typeOf(["null", avro])).toMatchObject({ type, nullable: true });
  });

  test("the logical type beside the type means the same as inside it", () => {
    expect(typeOf("long", { logicalType: "timestamp-millis" }).type).toEqual({ kind: "timestamp", unit: "millis" });
  });

  test("a named type is known where it is used again", () => {
    const feed = feedOf(
      {},
      { name: "a", type: { type: "enum", name: "S", symbols: ["A", "B"] } },
      { name: "b", type: ["null", "S"] },
    );
    expect(feed.fields[3]!.type).toEqual({ kind: "enum", symbols: ["A", "B"] });
  });

  test("a field with a default may be left out, one without may not", () => {
    expect(typeOf("string", { default: "x" }).default).toBe("x");
    expect(typeOf(["null", "string"], { default: null }).default).toBeNull();
    expect(typeOf("string").default).toBeUndefined();
  });
});

test("rank, status and columns come from the attribute", () => {
  const feed = feedOf(
    {
      rank: { field: "s", order: ["A", "B"] },
      display: { title: "Things", status: "s", columns: [{ field: "s", label: "State" }] },
    },
    { name: "s", type: { type: "enum", name: "S", symbols: ["B", "A"] } },
  );
  expect(feed).toMatchObject({ title: "Things", status: 2, columns: [{ index: 2, label: "State" }] });
  expect([...feed.rank!.of]).toEqual([
    ["A", 0],
    ["B", 1],
  ]);
});

test("the schema's id changes with what a row holds and not with words about it", () => {
  const id = (...fields: object[]) => feedFromSchema(schema({}, fields), (text) => text).schemaId;
  expect(id({ name: "v", type: "int", doc: "a" })).toBe(id({ name: "v", type: "int", doc: "b", default: 1 }));
  expect(id({ name: "v", type: "int" })).not.toBe(id({ name: "v", type: "long" }));
});

test.each<[string, unknown, RegExp]>([
  ["no record", "string", /must be an Avro record/],
  ["no attribute", { type: "record", name: "T", fields: [] }, /attribute weir: /],
  ["a name that is no name", schema({ feed: "Big Things" }), /attribute weir\.feed: must be lower case/],
  ["an attribute that is not known", schema({ keys: "id" }), /attribute weir: .*keys/i],
  ["a key that is no field", schema({ key: "uid" }), /weir\.key names "uid", which is not a field/],
  [
    "a key that may be null",
    schema({ key: "v" }, [{ name: "v", type: ["null", "string"] }]),
    /field v must be a string that is never null/,
  ],
  [
    "an event time in micros",
    schema({ eventTime: "v" }, [{ name: "v", type: { type: "long", logicalType: "timestamp-micros" } }]),
    /must be timestamp-millis/,
  ],
  [
    "a rank of unknown symbols",
    schema({ rank: { field: "v", order: ["X"] } }, [{ name: "v", type: { type: "enum", name: "S", symbols: ["A"] } }]),
    /names X, which is no symbol/,
  ],
  ["a history that is no duration", schema({ history: "long" }), /must be "none" or a duration/],
  ["two fields that engines take for one", schema({}, [{ name: "ID", type: "string" }]), /field ID is declared twice/],
  [
    "a field named as a column of the tables",
    schema({}, [{ name: "_hoodie_x", type: "string" }]),
    /reserved for the tables/,
  ],
  [
    "a union of two types",
    schema({}, [{ name: "v", type: ["string", "int"] }]),
    /a union must be null and one other type/,
  ],
  ["a type that is not known", schema({}, [{ name: "v", type: "text" }]), /has type "text", which is not known/],
  ["a field without name", schema({}, [{ type: "string" }]), /a field has no name/],
])("%s declares no feed", (_what, json, reason) => {
  expect(() => feedFromSchema(json, hash)).toThrow(reason);
});
