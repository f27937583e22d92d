import { describe, expect, it } from "vitest";
import { eventRow, NINE, pipelineFeed as feed } from "../../tests/support/pipeline-feed";
import { EVERYTHING } from "./filter";
import { parseSort } from "./row-sort";
import { sortedRows } from "./sorted-rows";

const rows = Array.from(
  { length: 20 },
  (_, i) =>
  eventRow({ eventId: `e-${i}`, durationMs: (i * 7) % 20, eventTimestamp: NINE - i, status: i % 2 ? "FAILED" : "RUNNING" }), // prettier-ignore
);
const sort = parseSort(feed, "-durationMs")!;
const asked = { feed, sort, filter: EVERYTHING, limit: 6, after: null };
const durations = (found: readonly (readonly unknown[])[]) => {
  const field = feed.fields.findIndex(({ name }) => name === "durationMs");
  return found.map((row) => row[field]);
};

describe("sortedRows", () => {
  it("gives page after page without gap or overlap", () => {
    const seen: unknown[] = [];
    let after: Parameters<typeof sortedRows>[1]["after"] = null;
    do {
      const page = sortedRows({ rows, floor: null }, { ...asked, after });
      seen.push(...durations(page.rows));
      after = page.next && { position: "x.1", place: page.next };
    } while (after !== null);
    expect(seen).toEqual(Array.from({ length: 20 }, (_, i) => 19 - i));
  });

  it("counts and sorts only what matches", () => {
    const status = feed.status!;
    const filter = { ...EVERYTHING, columns: [{ field: status, negated: false, values: ["FAILED"] }] };
    const found = sortedRows({ rows, floor: null }, { ...asked, filter });
    expect(found.total).toBe(10);
    expect(found.rows.every((row) => row[status] === "FAILED")).toBe(true);
  });

  it("says from when on it looked when more may match behind the window, and nothing when not (invariant 5)", () => {
    const floor = [NINE - 19, "e-19"] as const;
    expect(sortedRows({ rows, floor }, asked).sortedFrom).toBe(NINE - 19);
    expect(sortedRows({ rows, floor }, { ...asked, filter: { ...EVERYTHING, from: NINE - 5 } }).sortedFrom).toBeNull();
    expect(sortedRows({ rows, floor: null }, asked).sortedFrom).toBeNull();
  });

  it("refuses to go on after a row that it does not have", () => {
    const after = { position: "x.1", place: { eventTime: NINE, key: "gone" } };
    expect(() => sortedRows({ rows, floor: null }, { ...asked, after })).toThrow(/after names no row/);
  });
});
