import { expect, test } from "vitest";
import { feedOf, openTestLake, rowOf, stagedFile, T0, tableRows } from "../../../tests/support/lake";
import { canonicalRows } from "./batch";

const EVERYTHING = {
  type: "record",
  name: "Everything",
  weir: { feed: "everything", key: "id", ordering: "version", eventTime: "at" },
  fields: [
    { name: "id", type: "string" },
    { name: "version", type: "long" },
    { name: "at", type: { type: "long", logicalType: "timestamp-millis" } },
    { name: "micros", type: ["null", { type: "long", logicalType: "timestamp-micros" }], default: null },
    { name: "day", type: ["null", { type: "int", logicalType: "date" }], default: null },
    { name: "flag", type: ["null", "boolean"], default: null },
    { name: "small", type: ["null", "int"], default: null },
    { name: "single", type: ["null", "float"], default: null },
    { name: "wide", type: ["null", "double"], default: null },
    {
      name: "price",
      type: ["null", { type: "bytes", logicalType: "decimal", precision: 10, scale: 2 }],
      default: null,
    },
    { name: "raw", type: ["null", "bytes"], default: null },
    { name: "tags", type: ["null", { type: "array", items: "string" }], default: null },
    { name: "labels", type: ["null", { type: "map", values: "long" }], default: null },
    {
      name: "place",
      type: [
        "null",
        {
          type: "record",
          name: "Place",
          fields: [
            { name: "x", type: "int" },
            { name: "note", type: ["null", "string"], default: null },
          ],
        },
      ],
      default: null,
    },
  ],
};
const feed = feedOf(EVERYTHING);

test("values survive the way into the tables to the last digit", async () => {
  const { writer, main, engine } = await openTestLake({ feed });
  await writer.commit([
    stagedFile("file-1", [
      rowOf(feed, {
        id: "emoji 😀 quote ' \" \\ nul \0 end",
        version: "9223372036854775807",
        at: T0 + 123,
        micros: "1795251600123456",
        day: -1,
        flag: false,
        small: -2147483648,
        single: 0.1,
        wide: "NaN",
        price: "-12345678.9",
        raw: Buffer.from([0, 255, 128]).toString("base64"),
        tags: ["a", "", "ünï"],
        labels: { z: "-9007199254740993", a: 1 },
        place: { x: 7, note: null },
      }),
      rowOf(feed, { id: "nulls", version: 1, at: T0 }),
      rowOf(feed, { id: "limits", version: 2, at: T0, wide: "-Infinity", tags: [], labels: {}, single: "Infinity" }),
    ]),
  ]);
  const [full, nulls, limits] = await tableRows(engine, main);
  expect(full).toMatchObject({
    id: "emoji 😀 quote ' \" \\ nul \0 end",
    version: "9223372036854775807",
    at: "2026-11-21 09:00:00.123+00",
    micros: "2026-11-21 09:00:00.123456+00",
    day: "1969-12-31",
    flag: false,
    small: -2147483648,
    single: Math.fround(0.1),
    wide: "NaN",
    price: "-12345678.90",
    raw: "\\x00\\xFF\\x80",
    tags: ["a", "", "ünï"],
    labels: [
      { key: "a", value: "1" },
      { key: "z", value: "-9007199254740993" },
    ],
    place: { x: 7, note: null },
  });
  expect(Object.values(nulls!).filter((value) => value === null)).toHaveLength(feed.fields.length - 3);
  expect(limits).toMatchObject({ wide: "-Infinity", single: "Infinity", tags: [], labels: [] });
});

test("the columns have the physical types that Spark reads as what they are", async () => {
  const { writer, main, engine, storage } = await openTestLake({ feed });
  await writer.commit([stagedFile("file-1", [rowOf(feed, { id: "a", version: 1, at: T0 })])]);
  const path = storage.locate(main.slices()[0]!.path);
  const found = await engine.read((c) =>
    c.runAndReadAll(
      `SELECT name, type, converted_type, logical_type, repetition_type, type_length FROM parquet_schema('${path}')`,
    ),
  );
  const columns = new Map(found.getRowObjectsJson().map((column) => [column["name"], column]));
  expect(columns.get("at")).toMatchObject({
    type: "INT64",
    logical_type: expect.stringContaining("isAdjustedToUTC=1"),
  });
  expect(columns.get("price")).toMatchObject({ type: "FIXED_LEN_BYTE_ARRAY", type_length: "16" });
  expect(columns.get("id")).toMatchObject({ type: "BYTE_ARRAY", converted_type: "UTF8", repetition_type: "OPTIONAL" });
  const names = found.getRowObjectsJson().map((column) => column["name"]);
  expect(names.slice(1, 7)).toEqual([
    "_hoodie_commit_time",
    "_hoodie_commit_seqno",
    "_hoodie_record_key",
    "_hoodie_partition_path",
    "_hoodie_file_name",
    "id",
  ]);
  expect(names.at(-1)).toBe("event_date");
});

test("messages that differ in form only are one version", () => {
  const forms = [
    { id: "a", version: "7", at: T0, price: "1.5", labels: { b: 1, a: 2 }, wide: 0, single: 0.1 },
    { id: "a", version: 7, at: T0, price: "1.50", labels: { a: 2, b: "1" }, wide: -0, single: Math.fround(0.1) },
  ];
  const [first, second] = canonicalRows(
    feed,
    forms.map((form) => rowOf(feed, form)),
  );
  expect(JSON.stringify(first)).toBe(JSON.stringify(second));
  expect(canonicalRows(feed, [rowOf(feed, { id: "x\ud800y", version: 1, at: T0 })])[0]![0]).toBe("x�y");
});

test("a field that is younger than the tables is null in older rows, and rows go on being merged", async () => {
  const younger = {
    ...EVERYTHING,
    fields: EVERYTHING.fields.filter(({ name }) => name !== "labels" && name !== "place"),
  };
  const before = feedOf(younger);
  const { storage, engine, writer } = await openTestLake({ feed: before });
  const old = { id: "a", version: 1, at: T0 };
  await writer.commit([stagedFile("file-1", [rowOf(before, old), rowOf(before, { ...old, id: "b" })])]);
  const lake = await openTestLake({ feed, storage, engine });
  expect(await lake.writer.commit([stagedFile("file-2", [rowOf(feed, old)])])).toBeNull();
  await lake.writer.commit([stagedFile("file-3", [rowOf(feed, { ...old, version: 2, labels: { k: 5 } })])]);
  const rows = await tableRows(engine, lake.main);
  expect(rows.map(({ id, version, labels }) => ({ id, version, labels }))).toEqual([
    { id: "b", version: "1", labels: null },
    { id: "a", version: "2", labels: [{ key: "k", value: "5" }] },
  ]);
});
