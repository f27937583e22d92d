import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AppError } from "./app-error";
import { feedFromSchema } from "./feed-from-schema";
import { DAY_MS, filterOf, nextOf, parseRowQuery, parseTime } from "./row-query";

const feed = feedFromSchema(JSON.parse(readFileSync("avro/PipelineEvent.avsc", "utf8")), () => "hash");
const NOW = Date.parse("2026-11-21T10:15:00Z");
const parse = (query: string) => parseRowQuery(feed, new URLSearchParams(query), NOW, { limit: 100, maxLimit: 5_000 });
const field = (name: string) => feed.fields.findIndex((known) => known.name === name);
const messageOf = (query: string): string => {
  try {
    parse(query);
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    return (error as AppError).message;
  }
  throw new Error(`accepted ${query}`);
};

describe("the parameters of rows", () => {
  it("filter by columns: repeated is OR, an exclamation mark is none of, empty is absent", () => {
    expect(parse("status=FAILED&status=RETRYING&pipelineName!=a&errorMessage=").columns).toEqual([
      { field: field("status"), negated: false, values: ["FAILED", "RETRYING"] },
      { field: field("pipelineName"), negated: true, values: ["a"] },
      { field: field("errorMessage"), negated: false, values: [null] },
    ]);
  });

  it("compare longs without losing digits", () => {
    expect(parse("processedRecordCount=9007199254740993").columns[0]!.values).toEqual(["9007199254740993"]);
    expect(parse("processedRecordCount=12").columns[0]!.values).toEqual([12]);
  });

  it("name a decimal in the form in which rows have it, however many zeros were written", () => {
    const ledger = feedFromSchema(
      {
        type: "record",
        name: "Ledger",
        weir: { feed: "ledger", key: "id", ordering: "at", eventTime: "at", partition: "day" },
        fields: [
          { name: "id", type: "string" },
          { name: "at", type: { type: "long", logicalType: "timestamp-millis" } },
          { name: "amount", type: { type: "bytes", logicalType: "decimal", precision: 9, scale: 2 } },
        ],
      },
      () => "hash",
    );
    const valuesOf = (text: string) =>
      parseRowQuery(ledger, new URLSearchParams({ amount: text }), NOW, { limit: 1, maxLimit: 1 }).columns[0]!.values;
    for (const text of ["1.5", "1.50", "01.500"]) expect(valuesOf(text), text).toEqual(["1.50"]);
    expect(valuesOf("-7")).toEqual(["-7.00"]);
    expect(valuesOf("1.505")).toEqual(["1.505"]); // no value of two digits is equal to it
    expect(() => valuesOf("1,5")).toThrow('amount must be a decimal number like 12.50, not "1,5".');
  });

  it("take times in every form, those without a zone as UTC", () => {
    const ms = Date.parse("2026-11-21T08:00:00Z");
    for (const text of [
      "2026-11-21T08:00:00Z",
      "2026-11-21T08:00",
      "2026-11-21 08:00:00.000",
      "2026-11-21T09:00+01:00",
      `${ms}`,
    ]) {
      expect(parseTime(text), text).toEqual({ kind: "at", ms });
    }
    expect(parseTime("-90m")).toEqual({ kind: "before", ms: 5_400_000 });
    expect(parseTime("now")).toEqual({ kind: "before", ms: 0 });
    for (const text of ["yesterday", "2026-13-01", "-2w", "", "12", "2026-11-21T25:00Z"])
      expect(parseTime(text), text).toBeNull();
  });

  it("count from and to back from the instant of the answer, 24 hours unless told", () => {
    expect(filterOf(parse(""), NOW)).toMatchObject({ from: NOW - DAY_MS, to: null });
    expect(filterOf(parse("from=-2h&to=-1h"), NOW)).toMatchObject({ from: NOW - 7_200_000, to: NOW - 3_600_000 });
  });

  it("name the position and place of the next page in one opaque text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 0, max: 4e12 }), (key, eventTime) => {
        const next = nextOf("abc.20261121101500123", { eventTime, key });
        expect(next).toMatch(/^[\w-]+$/);
        expect(parse(`after=${next}`).after).toEqual({ position: "abc.20261121101500123", place: { eventTime, key } });
      }),
    );
  });

  it("refuse what they do not understand with the value and the cure", () => {
    expect(messageOf("colour=red")).toContain('There is no parameter "colour": columns are eventId');
    expect(messageOf("limit=5001")).toBe('limit must be a whole number from 1 to 5000, not "5001".');
    expect(messageOf("at=noon")).toContain('not "noon"');
    expect(messageOf("from=")).toContain("from must be an ISO time");
    expect(messageOf("after=%00")).toContain("after must be what");
    expect(messageOf("processedRecordCount=many")).toContain("a whole number");
    expect(messageOf("labels=x")).toContain("no single value");
  });
});
