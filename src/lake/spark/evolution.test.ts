import { describe, expect, it } from "vitest";
import { feedFromSchema } from "../../model/feed-from-schema";
import { missingFields } from "./evolution";

const optional = (name: string, type: unknown) => ({ name, type: ["null", type], default: null });
const feedWith = (...fields: unknown[]) =>
  feedFromSchema(
    {
      type: "record",
      name: "E",
      weir: { feed: "orders", key: "id", ordering: "at", eventTime: "at" },
      fields: [
        { name: "id", type: "string" },
        { name: "at", type: { type: "long", logicalType: "timestamp-millis" } },
        ...fields,
      ],
    },
    () => "00000000",
  );
const table = (columns: Record<string, string>) => ({
  columns: new Map(
    Object.entries({ _hoodie_file_name: "string", id: "string", at: "timestamp", ...columns, event_date: "string" }),
  ),
  partitions: new Set(["event_date"]),
  type: "EXTERNAL",
  location: "file:/lake/orders",
  properties: "[]",
});
const host = { type: "record", name: "Src", fields: [optional("host", "string")] };

describe("the fields of a feed against the columns of its table", () => {
  it("finds those that are no columns yet, whatever the case of names", () => {
    const feed = feedWith(optional("Team", "string"), optional("src", host), { name: "n", type: "int", default: 0 });
    expect(missingFields(feed, "orders", table({ team: "string" })).map(({ name }) => name)).toEqual(["src", "n"]);
    expect(missingFields(feed, "orders", table({ team: "string", src: "struct<host:string>", n: "int" }))).toEqual([]);
  });

  it.each<[string, unknown[], Record<string, string>, RegExp]>([
    [
      "a new field that is not optional",
      [{ name: "n", type: "int" }],
      {},
      /field n is new and not optional.*"default": null/,
    ],
    [
      "another type",
      [optional("n", "long")],
      { n: "int" },
      /field n is int in the table and would be bigint.*under another name/,
    ],
    ["a field inside a record", [optional("src", host)], { src: "struct<port:int>" }, /field src is struct<port:int>/],
    ["a field that went away", [], { n: "int" }, /column n, and the schema no longer has that field.*Declare it again/],
  ])("refuses %s with a sentence that names it and the cure", (_, fields, columns, words) => {
    expect(() => missingFields(feedWith(...fields), "orders", table(columns))).toThrow(words);
  });
});
