import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HOSTILE } from "../../tests/support/hostile-text";
import { eventRow, NINE, pipelineFeed } from "../../tests/support/pipeline-feed";
import { seededRandom } from "../../tests/support/random";
import { fieldIndex } from "./feed";
import { fieldDifferences } from "./field-differences";
import type { Row } from "./value";

const index = (name: string) => fieldIndex(pipelineFeed, name);
const failed = (row: Row) => row[index("status")] === "FAILED";
const STATUS = [index("status")];

/** Rows of four hosts; what fails does so mostly on one of them, if there is a cause. */
function events(count: number, seed: number, hasCause: boolean): Row[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, (_, i) => {
    const host = random.pick(["db-1", "db-2", "db-3", "db-4"]);
    const isFailed = random.int(0, 99) < (hasCause && host === "db-3" ? 80 : 5);
    return eventRow({
      eventId: `e-${i}`,
      correlationId: `b-${i}`,
      pipelineName: random.pick(["orders", "stock", "crm"]),
      host,
      status: isFailed ? "FAILED" : "COMPLETED",
      eventTimestamp: NINE + i * 60_000,
      labels: { team: random.pick(["a", "b"]), zone: random.pick(["x", "y", "z"]) },
      durationMs: random.int(0, 10_000),
    });
  });
}

describe("what is different about some rows", () => {
  it("is first of all the field that tells them from the rest, with its telling value first", () => {
    const { fields, selected, rest } = fieldDifferences(pipelineFeed, events(2_000, 1, true), failed, STATUS);
    const [first, ...others] = fields;
    expect(selected + rest).toBe(2_000);
    expect(first).toMatchObject({ field: "host", isClear: true, isFilter: true });
    expect(first!.values[0]).toMatchObject({ text: "db-3" });
    expect(first!.score).toBeGreaterThan(0.3);
    expect(others.filter(({ isClear }) => isClear)).toEqual([]);
    expect(others.map(({ field }) => field)).toEqual(expect.arrayContaining(["labels.zone", "hour", "durationMs"]));
  });

  it("is nothing clear where chance alone is at work, in samples small and large", () => {
    let clear = 0;
    let all = 0;
    for (let seed = 1; seed <= 40; seed++)
      for (const count of [30, 300, 1_000]) {
        const { fields } = fieldDifferences(pipelineFeed, events(count, seed, false), failed, STATUS);
        clear += fields.filter(({ isClear }) => isClear).length;
        all += fields.length;
      }
    expect(clear / all).toBeLessThan(0.03);
  });

  it("tells causes before consequences, which may tell the rows apart even better", () => {
    const rows = events(2_000, 1, true).map((row) =>
      row.map((value, i) => (i === index("errorMessage") && failed(row) ? "no route to the host" : value)),
    );
    const { fields } = fieldDifferences(pipelineFeed, rows, failed, STATUS);
    expect(fields.slice(0, 2)).toMatchObject([
      { field: "host", isClear: true, isOutcome: false },
      { field: "errorMessage", isClear: true, isOutcome: true },
    ]);
    expect(fields[1]!.score).toBeGreaterThan(fields[0]!.score);
  });

  it("gives no weight to fields that differ from row to row", () => {
    const rows = events(500, 3, true);
    const { fields } = fieldDifferences(pipelineFeed, rows, failed, STATUS);
    expect(fields.map(({ field }) => field)).not.toContain("correlationId");
  });

  it("has no answer when all rows are selected, or none", () => {
    const rows = events(50, 1, true);
    expect(fieldDifferences(pipelineFeed, rows, () => true)).toEqual({ selected: 50, rest: 0, fields: [] });
    expect(fieldDifferences(pipelineFeed, [], () => true).fields).toEqual([]);
  });

  it("does not depend on the order of the rows, counts each once, and takes any text (invariant 8)", () => {
    const row = fc.record({
      pipelineName: fc.constantFrom(...HOSTILE),
      host: fc.constantFrom(null, ...HOSTILE),
      status: fc.constantFrom("FAILED", "COMPLETED"),
      labels: fc.constantFrom(null, {}, { __proto__x: "a" }, Object.fromEntries(HOSTILE.map((text) => [text, text]))),
      qualityScore: fc.constantFrom(null, 0.5, "NaN"),
    });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 60 }), (given) => {
        const rows = given.map((values, i) => eventRow({ eventId: `e-${i}`, ...values }));
        const found = fieldDifferences(pipelineFeed, rows, failed);
        expect(fieldDifferences(pipelineFeed, [...rows].reverse(), failed)).toEqual(found);
        for (const { values, others, score } of found.fields) {
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThanOrEqual(1);
          if (others === 0) expect(values.reduce((sum, { selected }) => sum + selected, 0)).toBe(found.selected);
        }
      }),
    );
  });
});
