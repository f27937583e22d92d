import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pipelineFeed as feed } from "../../tests/support/pipeline-feed";
import { compareRows, fieldIndex } from "./feed";
import { EVERYTHING, matcher, type Filter } from "./filter";
import { bucketsOf, CountFold, foldRows, TimeFold } from "./panel-fold";
import type { Row, WireValue } from "./value";

const index = (name: string) => fieldIndex(feed, name);
const NOW = Date.parse("2026-11-21T10:07:00Z");

function row(given: Record<string, WireValue>): Row {
  const values = new Array<WireValue>(feed.fields.length).fill(null);
  for (const [name, value] of Object.entries({ eventId: "e", status: "RUNNING", ...given }))
    values[index(name)] = value;
  return values;
}

const anyRow = fc
  .record({
    eventId: fc.uuid(),
    eventTimestamp: fc.integer({ min: NOW - 30 * 3_600_000, max: NOW + 3_600_000 }),
    status: fc.constantFrom("STARTED", "FAILED", "COMPLETED"),
    pipelineName: fc.constantFrom(..."abcdefghij"),
    processedRecordCount: fc.constantFrom(null, 0, 7, 1_000),
  })
  .map(row);

const anyRows = fc.array(anyRow, { maxLength: 60 }).map((rows) => rows.sort((a, b) => compareRows(feed, a, b)));

const failed: Filter = {
  ...EVERYTHING,
  from: NOW - 24 * 3_600_000,
  to: NOW,
  columns: [{ field: index("status"), negated: false, values: ["FAILED"] }],
};

describe("folding rows for panels", () => {
  it("counts what the filter of a page would show", () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        const fold = new CountFold(feed, failed);
        foldRows(feed, rows, [fold]);
        const expected = rows.filter(matcher(feed, failed)).length;
        expect(fold.counts.get("FAILED") ?? 0).toBe(expected);
        expect(fold.counts.size).toBe(expected > 0 ? 1 : 0);
      }),
    );
  });

  it("puts every row of the span into one bucket of one series", () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        const chart = bucketsOf("6h", NOW);
        const [by, sum] = [index("pipelineName"), index("processedRecordCount")];
        const folds = [
          new TimeFold(feed, EVERYTHING, by, null, chart),
          new TimeFold(feed, EVERYTHING, null, sum, chart),
        ];
        foldRows(feed, rows, folds);
        const end = chart.start + chart.buckets * chart.bucketMs;
        const own = rows.filter((one) => {
          const time = one[feed.eventTime] as number;
          return time >= chart.start && time < end;
        });
        const [counted, summed] = folds.map((fold) => fold.read().series);
        expect(counted!.reduce((n, { total }) => n + total, 0)).toBe(own.length);
        expect(counted!.length).toBeLessThanOrEqual(7);
        const records = own.reduce((n, one) => n + Number(one[sum] ?? 0), 0);
        expect(summed!.reduce((n, { total }) => n + total, 0)).toBe(records);
      }),
    );
  });

  it("ends a span with the bucket that the instant lies in", () => {
    expect(bucketsOf("1h", NOW)).toEqual({ start: Date.parse("2026-11-21T09:08:00Z"), bucketMs: 120_000, buckets: 30 });
  });

  it("visits the same rows whatever other folds are there", () => {
    const rows = Array.from({ length: 2_000 }, (_, i) =>
      row({ eventId: `e${i}`, eventTimestamp: NOW - i * 60_000, status: i % 3 === 0 ? "FAILED" : "COMPLETED" }),
    );
    const alone = new CountFold(feed, failed);
    foldRows(feed, rows, [alone]);
    const [first, second] = [new CountFold(feed, failed), new CountFold(feed, { ...EVERYTHING, to: NOW - 60_000 })];
    foldRows(feed, rows, [first, second]);
    expect(first.counts).toEqual(alone.counts);
    expect([...second.counts.values()].reduce((a, b) => a + b)).toBe(1_998);
  });
});
