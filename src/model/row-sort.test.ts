import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { eventRow, NINE, pipelineFeed } from "../../tests/support/pipeline-feed";
import type { FieldType } from "./feed";
import { compareSortValues, firstRows, parseSort, rowOrder, sortLetters, sortText, sortValue } from "./row-sort";
import type { WireValue } from "./value";

const feed = pipelineFeed;
const ids = (rows: readonly (readonly WireValue[])[]) => rows.map((row) => row[feed.key]);
const sorted = (text: string, ...rows: Record<string, WireValue>[]) =>
  ids(firstRows(rows.map(eventRow), rowOrder(feed, parseSort(feed, text)!), 100));

describe("parseSort", () => {
  it("reads a field, with a minus for the greatest first, and writes it as it was", () => {
    for (const text of ["durationMs", "-durationMs", "pipelineName", "eventTimestamp"])
      expect(sortText(feed, parseSort(feed, text)!)).toBe(text);
  });

  it("is nothing where nothing or the usual order was chosen", () => {
    expect([null, "", "-eventTimestamp"].map((text) => parseSort(feed, text))).toEqual([null, null, null]);
  });

  it.each(["colour", "-colour", "labels", "--durationMs"])("refuses %j and names what there is", (text) => {
    expect(() => parseSort(feed, text)).toThrow(/^sort=.* rows can be sorted by eventId, .*durationMs/);
  });
});

describe("rows in an order", () => {
  const rows = [
    { eventId: "none", durationMs: null, eventTimestamp: NINE + 9 },
    { eventId: "short", durationMs: 5 },
    { eventId: "older", durationMs: 70, eventTimestamp: NINE },
    { eventId: "newer", durationMs: 70, eventTimestamp: NINE + 1 },
    { eventId: "huge", durationMs: "9223372036854775807" },
    { eventId: "less huge", durationMs: "9223372036854775806" },
  ];

  it("stand by value, equal ones newest first, what is absent last either way", () => {
    expect(sorted("-durationMs", ...rows)).toEqual(["huge", "less huge", "newer", "older", "short", "none"]);
    expect(sorted("durationMs", ...rows)).toEqual(["short", "newer", "older", "less huge", "huge", "none"]);
  });

  it("stand by time from the oldest on", () => {
    expect(sorted("eventTimestamp", ...rows.slice(2, 4))).toEqual(["older", "newer"]);
  });

  it("are the first ones of all of them, however few are wanted", () => {
    const row = fc.record({ eventId: fc.uuid(), durationMs: fc.option(fc.integer({ min: 0, max: 9 })) });
    fc.assert(
      fc.property(
        fc.uniqueArray(row, { selector: ({ eventId }) => eventId }),
        fc.integer({ min: 1, max: 5 }),
        (all, limit) => {
          // prettier-ignore
          const order = rowOrder(feed, parseSort(feed, "-durationMs")!);
          const rows = all.map(eventRow);
          expect(firstRows(rows, order, limit)).toEqual([...rows].sort(order).slice(0, limit));
        },
      ),
    );
  });
});

describe("sortValue", () => {
  it.each<[FieldType, WireValue[]]>([
    [{ kind: "double" }, ["-Infinity", -1.5, 0, 2, "Infinity", "NaN"]],
    [{ kind: "decimal", precision: 9, scale: 2 }, ["-10.00", "-9.50", "2.00", "10.00", null]],
    [{ kind: "long" }, ["-9223372036854775808", -1, 0, "9223372036854775806", "9223372036854775807"]],
    [{ kind: "boolean" }, [false, true, null]],
    [{ kind: "string" }, ["A", "a", "b", "ü", null]],
  ])("puts values of %j in order, also when they come back from a page as texts", (type, values) => {
    const back = (value: WireValue) => sortValue(type, sortLetters(value));
    for (const read of [(value: WireValue) => sortValue(type, value), back]) {
      const order = [...values].reverse().sort((a, b) => compareSortValues(read(a), read(b), false));
      expect(order).toEqual(values);
    }
  });
});
