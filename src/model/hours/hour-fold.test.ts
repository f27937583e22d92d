import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { eventRow, NINE, pipelineFeed } from "../../../tests/support/pipeline-feed";
import { attemptFields } from "../attempt";
import { compareText, type Row } from "../value";
import { atOnce } from "../work";
import { foldHours } from "./hour-fold";
import { HOUR_MS, type PipelineHour } from "./pipeline-hour";
import { countOf, quantileOf } from "./sketch";

const MINUTE = 60_000;
const fields = attemptFields(pipelineFeed)!;

function hours(rows: readonly Row[], sourceAt = NINE + 5 * HOUR_MS): PipelineHour[] {
  const fold = foldHours({
    fields,
    rows,
    from: NINE - 2 * HOUR_MS,
    to: NINE + 4 * HOUR_MS,
    sourceAt,
    shownAt: (key) => NINE + key.length * 1_000,
  });
  return atOnce(fold).sort((a, b) => compareText(a.hourId, b.hourId));
}

const of = (folded: readonly PipelineHour[], stageName: string | null, hour = NINE) =>
  folded.find((one) => one.stageName === stageName && one.hour === hour)!;

const at = (minute: number, values: Parameters<typeof eventRow>[0] = {}) =>
  eventRow({
    eventId: `e-${minute}`,
    correlationId: `b-${minute}`,
    eventTimestamp: NINE + minute * MINUTE,
    lastUpdatedAt: NINE + (minute + 2) * MINUTE,
    processedRecordCount: 10,
    ...values,
  });

describe("the hours of a pipeline", () => {
  it("count stages and whole runs by their state, with rows, durations and the gaps between starts", () => {
    const folded = hours([at(0), at(10), at(40, { status: "RUNNING", processedRecordCount: null }), at(61)]);
    expect(of(folded, "load")).toMatchObject({ attempts: 3, completed: 2, running: 1, failed: 0, rowsOut: 20 });
    const run = of(folded, null);
    expect(run).toMatchObject({ firstStartAt: NINE, lastStartAt: NINE + 40 * MINUTE, attempts: 3 });
    expect(quantileOf(run.durations, 0.5)! / (2 * MINUTE)).toBeCloseTo(1, 1);
    expect(countOf(run.gaps)).toBe(2);
    expect(of(folded, null, NINE + HOUR_MS)).toMatchObject({ attempts: 1, completed: 1 });
  });

  it("have a run in the hour of its first event, however its events are told", () => {
    const perStatus = [
      at(59, { eventId: "e-1", correlationId: "b", status: "STARTED", processedRecordCount: null }),
      at(65, { eventId: "e-2", correlationId: "b", status: "COMPLETED" }),
    ];
    const folded = hours(perStatus);
    expect(of(folded, null)).toMatchObject({ attempts: 1, completed: 1 });
    expect(of(folded, null, NINE + HOUR_MS)).toBeUndefined();
  });

  it("tell when a failure was made, when it could be seen and when the pipeline recovered", () => {
    const folded = hours([
      at(5, { status: "FAILED", errorMessage: "disk full", eventId: "e-55555" }),
      at(20, { status: "FAILED", errorMessage: "disk full" }),
      at(1),
      at(30),
      at(50),
    ]);
    expect(of(folded, null)).toMatchObject({
      failed: 2,
      firstFailedAt: NINE + 7 * MINUTE,
      firstShownAt: NINE + 7_000,
      lastFailedAt: NINE + 22 * MINUTE,
      recoveredAt: NINE + 32 * MINUTE,
      firstCompletedAt: NINE + 3 * MINUTE,
    });
  });

  it("are provisional until an hour after what ran in them was last heard of, and again when something late comes", () => {
    const rows = [at(10)];
    expect(of(hours(rows, NINE + HOUR_MS + 59 * MINUTE), null).state).toBe("PROVISIONAL");
    expect(of(hours(rows, NINE + 2 * HOUR_MS), null).state).toBe("FINAL");
    const late = at(20, { lastUpdatedAt: NINE + 4 * HOUR_MS + 30 * MINUTE });
    expect(of(hours([...rows, late]), null)).toMatchObject({ state: "PROVISIONAL", attempts: 2 });
    expect(of(hours([...rows, late], NINE + 6 * HOUR_MS), null)).toMatchObject({ state: "FINAL", attempts: 2 });
  });

  it("are the same in any order of the events, and when events are told again", () => {
    const events = fc.array(
      fc.record({
        key: fc.integer({ min: 0, max: 25 }),
        batch: fc.integer({ min: 0, max: 6 }),
        pipeline: fc.constantFrom("orders", "stock"),
        stage: fc.constantFrom("read", "load"),
        status: fc.constantFrom("STARTED", "RUNNING", "RETRYING", "FAILED", "COMPLETED"),
        minute: fc.integer({ min: 0, max: 200 }),
        took: fc.constantFrom(null, 0, 5_000),
        rows: fc.constantFrom(null, 5, "9007199254740993"),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(events, fc.integer(), (items, seed) => {
        const told = items.map(({ key, batch, pipeline, stage, status, minute, took, rows }, i) =>
          eventRow({
            eventId: `e-${key}`,
            correlationId: `b-${batch}`,
            pipelineName: pipeline,
            stageName: stage,
            status,
            eventTimestamp: NINE + minute * MINUTE,
            lastUpdatedAt: NINE + 3 * HOUR_MS + i,
            durationMs: took,
            processedRecordCount: rows,
          }),
        );
        // The table keeps the newest version of each event, in whatever order and how often they came.
        const state = [...new Map(told.map((row) => [row[0], row])).values()];
        const shuffled = [...state].sort((a, b) => mixed(a, seed) - mixed(b, seed));
        expect(hours(shuffled)).toEqual(hours(state));
        const folded = hours(state);
        const attempts = folded.filter(({ stageName }) => stageName !== null).reduce((n, one) => n + one.attempts, 0);
        expect(attempts).toBe(new Set(state.map((row) => JSON.stringify(row.slice(1, 4)))).size);
        for (const { attempts: all, running, retrying, failed, completed } of folded)
          expect(running + retrying + failed + completed).toBe(all);
      }),
    );
  });
});

const mixed = (row: Row, seed: number): number => Math.imul(Number(String(row[0]).slice(2)) + 7, seed | 1) % 1_009;

describe("long work (invariant 6)", () => {
  const attempts = (count: number, of: (i: number) => Parameters<typeof eventRow>[0]) =>
    Array.from({ length: count }, (_, i) => at(0, { eventId: `e-${i}`, correlationId: "one", attempt: i, ...of(i) }));

  it.each([
    ["of one pipeline", () => ({})],
    ["of a pipeline each", (i: number) => ({ pipelineName: `p-${i}` })],
  ])("may rest at least once for each hundred events of one batch, %s", (_, of) => {
    const rows = attempts(5_000, of);
    const input = { fields, rows, from: NINE, to: NINE + HOUR_MS, sourceAt: NINE + HOUR_MS, shownAt: () => null };
    const work = foldHours(input);
    let rests = 0;
    while (work.next().done !== true) rests++;
    expect(rests).toBeGreaterThanOrEqual(rows.length / 50);
  });
});
