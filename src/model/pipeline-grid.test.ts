import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { eventRow, NINE, pipelineFeed } from "../../tests/support/pipeline-feed";
import { attemptFields } from "./attempt";
import { compareBatches, storyOf } from "./batch-story";
import { foldAttempts, pipelineGrid } from "./pipeline-grid";
import type { Row } from "./value";

const fields = attemptFields(pipelineFeed)!;
const BOUNDS = { batches: 60, stages: 100 };
const MINUTE = 60_000;

const at = (minute: number, more: Parameters<typeof eventRow>[0] = {}): Row =>
  eventRow({
    eventId: `e-${minute}-${JSON.stringify(more)}`,
    eventTimestamp: NINE + minute * MINUTE,
    lastUpdatedAt: NINE + minute * MINUTE + 1_000,
    ...more,
  });

describe("the grid of batches and stages", () => {
  it("has stages in the order of their going through and batches newest first", () => {
    const grid = pipelineGrid(
      fields,
      [
        at(3, { correlationId: "b-1", stageName: "load" }),
        at(1, { correlationId: "b-1", stageName: "extract" }),
        at(11, { correlationId: "b-2", stageName: "extract", status: "FAILED", errorMessage: "no" }),
      ],
      BOUNDS,
    );
    expect(grid.stages).toEqual(["extract", "load"]);
    expect(grid.batches.map(({ correlationId, state }) => [correlationId, state])).toEqual([
      ["b-2", "failed"],
      ["b-1", "completed"],
    ]);
    expect(grid.batches[0]!.cells).toMatchObject([{ status: "FAILED", attempts: 1, error: "no" }, null]);
  });

  it("counts attempts of a stage and shows the last of them", () => {
    const [batch] = pipelineGrid(
      fields,
      [at(1, { status: "FAILED", attempt: 0 }), at(2, { status: "COMPLETED", attempt: 1 })],
      BOUNDS,
    ).batches;
    expect(batch).toMatchObject({ state: "completed", cells: [{ status: "COMPLETED", attempts: 2 }] });
  });

  it("is bounded, and says what it leaves out", () => {
    const rows = Array.from({ length: 40 }, (_, i) => at(i, { correlationId: `b-${i % 8}`, stageName: `s-${i}` }));
    const grid = pipelineGrid(fields, rows, { batches: 3, stages: 5 });
    expect(grid).toMatchObject({ batchesInAll: 8, stagesLeftOut: 10 });
    expect(grid.batches.map(({ correlationId }) => correlationId)).toEqual(["b-7", "b-6", "b-5"]);
    expect(grid.batches.every(({ cells }) => cells.length === 5)).toBe(true);
  });

  it("is the same for any order of the events, and for replays of them", () => {
    const event = fc.record({
      minute: fc.integer({ min: 0, max: 9 }),
      correlationId: fc.constantFrom("a", "b", "c"),
      stageName: fc.constantFrom("x", "y", "__proto__"),
      status: fc.constantFrom("STARTED", "FAILED", "COMPLETED"),
      attempt: fc.constantFrom(null, 1, 2),
      qualityScore: fc.constantFrom(null, 0.5, 1, "NaN"),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 20 }), fc.integer(), (events, seed) => {
        const rows = events.map(({ minute, ...more }, i) => at(minute, { ...more, eventId: `e-${i}` }));
        const shuffled = rows
          .map((row, i) => [Math.imul(i + 1, seed | 1) >>> 0, row] as const)
          .sort(([a], [b]) => a - b)
          .map(([, row]) => row);
        expect(pipelineGrid(fields, shuffled, BOUNDS)).toEqual(pipelineGrid(fields, rows, BOUNDS));
      }),
    );
  });
});

describe("the quality of a batch", () => {
  const qualityOf = (...rows: Row[]) => pipelineGrid(fields, rows, BOUNDS).batches[0]!.quality;
  const counted = { sourceRecordCount: 100, processedRecordCount: 40 };

  it("is the lowest score that was measured", () => {
    const rows = [at(1, { stageName: "a", qualityScore: 0.99 }), at(2, { stageName: "b", qualityScore: 0.9 })];
    expect(qualityOf(...rows, at(3, { stageName: "filter", ...counted }))).toEqual({
      value: 0.9,
      basis: "score",
      pipelineName: "orders",
      stageName: "b",
    });
  });

  it("is what was handed on of what came in where nothing was measured", () => {
    expect(qualityOf(at(1, counted))).toMatchObject({ value: 0.4, basis: "counts" });
    expect(qualityOf(at(1, { ...counted, processedRecordCount: 300 }))).toMatchObject({ value: 1 });
  });

  it("is not known of work that is not done, of nothing, and of what is no score", () => {
    expect(qualityOf(at(1, { ...counted, status: "RUNNING" }))).toBeNull();
    expect(qualityOf(at(1, { sourceRecordCount: 0, processedRecordCount: 0 }))).toBeNull();
    expect(qualityOf(at(1, { qualityScore: 98 }))).toBeNull();
  });
});

describe("the story of a batch", () => {
  const attemptsOf = (...rows: Row[]) => foldAttempts(fields, rows);

  it("tells what each stage dropped, exactly also beyond 2^53", () => {
    const [stage] = storyOf(attemptsOf(at(1, { sourceRecordCount: 200, processedRecordCount: 150 })));
    expect(stage).toMatchObject({ dropped: 0.25, attempts: 1, failed: 0 });
    expect(storyOf(attemptsOf(at(1, { sourceRecordCount: 200, processedRecordCount: 0, status: "FAILED" })))[0]).toMatchObject({ dropped: null }); // prettier-ignore
  });

  it("stands beside another one, with what their events say differently", () => {
    const now = attemptsOf(
      at(1, { stageName: "a", host: "h-2", version: "2" }),
      at(2, { stageName: "new", correlationId: "b-2" }),
    );
    const before = attemptsOf(
      at(1, { stageName: "a", host: "h-1", version: "2" }),
      at(3, { stageName: "gone", status: "FAILED", errorMessage: "no" }),
    );
    const compared = compareBatches(fields, now, before);
    expect(compared.map(({ stageName, now: a, before: b }) => [stageName, a !== null, b !== null])).toEqual([
      ["a", true, true],
      ["new", true, false],
      ["gone", false, true],
    ]);
    expect(compared[0]!.fields).toEqual([{ field: "host", before: "h-1", now: "h-2" }]);
  });
});
