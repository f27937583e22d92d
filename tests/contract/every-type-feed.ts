/** A feed with a field of every type, keys from nothing that the pipeline events use, and rows with the edges of each. */
import { createHash } from "node:crypto";
import { feedFromSchema } from "~/model/feed-from-schema";
import type { Row, WireValue } from "~/model/value";
import { NINE } from "../support/pipeline-feed";

const optional = (type: unknown) => ({ type: ["null", type], default: null });

export const everyTypeFeed = feedFromSchema(
  {
    type: "record",
    name: "EveryType",
    weir: { feed: "every_type", key: "id", ordering: "sequence", eventTime: "at", partition: "hour" },
    fields: [
      { name: "id", type: "string" },
      { name: "sequence", type: "long" },
      { name: "at", type: { type: "long", logicalType: "timestamp-millis" } },
      { name: "text", ...optional("string") },
      { name: "flag", ...optional("boolean") },
      { name: "whole", ...optional("int") },
      { name: "big", ...optional("long") },
      { name: "single", ...optional("float") },
      { name: "double", ...optional("double") },
      { name: "moment", ...optional({ type: "long", logicalType: "timestamp-micros" }) },
      { name: "day", ...optional({ type: "int", logicalType: "date" }) },
      { name: "amount", ...optional({ type: "bytes", logicalType: "decimal", precision: 20, scale: 2 }) },
      { name: "raw", ...optional("bytes") },
      { name: "colour", ...optional({ type: "enum", name: "Colour", symbols: ["RED", "BLUE"] }) },
      { name: "tags", ...optional({ type: "array", items: "string" }) },
      { name: "numbers", ...optional({ type: "array", items: "long" }) },
      { name: "counts", ...optional({ type: "map", values: "long" }) },
      { name: "labels", ...optional({ type: "map", values: "string" }) },
      {
        name: "place",
        ...optional({
          type: "record",
          name: "Place",
          fields: [
            { name: "name", type: "string" },
            { name: "height", ...optional("double") },
          ],
        }),
      },
      // Names that mean something to SQL.
      { name: "select", ...optional("string") },
      { name: "value", ...optional("string") },
    ],
  },
  (text) => createHash("sha256").update(text).digest("hex").slice(0, 8),
);

const row = (values: Record<string, WireValue>): Row => everyTypeFeed.fields.map(({ name }) => values[name] ?? null);

export const everyTypeRows: readonly Row[] = [
  row({ id: "nothing", sequence: 1, at: NINE }),
  row({
    id: "small",
    sequence: "-9223372036854775808",
    at: NINE + 1,
    text: "",
    flag: false,
    whole: -2147483648,
    big: "-9223372036854775808",
    single: -1.5,
    double: "-Infinity",
    day: -1,
    amount: "-0.01",
    raw: "",
    colour: "RED",
    tags: [],
    numbers: [],
    counts: {},
    labels: {},
    place: { name: "", height: null },
    select: "'; DROP TABLE x; --",
    value: "\u0001",
  }),
  row({
    id: "large",
    sequence: "9223372036854775807",
    at: NINE + 3_600_000,
    text: "\ufeffа\u0000é💥\u2028\"\\'",
    flag: true,
    whole: 2147483647,
    big: 9007199254740991,
    single: 0.10000000149011612,
    double: "NaN",
    moment: NINE * 1000 + 123,
    day: 20778,
    amount: "123456789012345678.90",
    raw: "AP+A",
    colour: "BLUE",
    tags: ["a", "", "ü\u0000"],
    numbers: [1, "9223372036854775807", -1],
    counts: { a: "9007199254740993", "": 0 },
    labels: { 'k"': "\\", "💥": "\n" },
    place: { name: "Zürich", height: 408.5 },
    select: "\ufeff",
    value: "x",
  }),
];
