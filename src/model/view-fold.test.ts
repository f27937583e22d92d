import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { eventRow, NINE, pipelineFeed } from "../../tests/support/pipeline-feed";
import { attemptFields } from "./attempt";
import { compareText, type Row } from "./value";
import { rowToBatch, rowToPipeline, rowToProblem, VIEWS } from "./view";
import { AttemptFold } from "./view-fold";

const fields = attemptFields(pipelineFeed)!;
const MINUTE = 60_000;

const fold = (...rows: Parameters<typeof eventRow>[0][]) => new AttemptFold(fields, rows.map(eventRow));

const sorted = (rows: readonly Row[]) => [...rows].sort((a, b) => compareText(a[0] as string, b[0] as string));
const everything = (of: AttemptFold) => VIEWS.map((view) => sorted(of.rows(view)));

/** Events without ties: each has its own `lastUpdatedAt`. */
const events = fc
  .array(
    fc.record({
      key: fc.integer({ min: 0, max: 30 }),
      batch: fc.integer({ min: 0, max: 4 }),
      pipeline: fc.constantFrom("orders", "stock"),
      stage: fc.constantFrom("read", "load"),
      status: fc.constantFrom("STARTED", "RUNNING", "RETRYING", "FAILED", "COMPLETED"),
      attempt: fc.constantFrom(null, 1),
      time: fc.integer({ min: 0, max: 20 }),
      error: fc.constantFrom(null, "disk full", "timeout after 3 s", "timeout after 40 s"),
      rows: fc.constantFrom(null, 5, "9007199254740993"),
    }),
    { maxLength: 40 },
  )
  .map((items) =>
    items.map(({ key, batch, pipeline, stage, status, attempt, time, error, rows }, i) =>
      eventRow({
        eventId: `e-${key}`,
        correlationId: `batch-${batch}`,
        pipelineName: pipeline,
        stageName: stage,
        status,
        attempt,
        eventTimestamp: NINE + time * MINUTE,
        lastUpdatedAt: NINE + 30 * MINUTE + i,
        errorMessage: error,
        processedRecordCount: rows,
      }),
    ),
  );

describe("the fold of attempts", () => {
  it("gives the same views in any order of events, and when events are told again", () => {
    fc.assert(
      fc.property(events, fc.integer(), (all, seed) => {
        const state = [...new Map(all.map((row) => [row[0], row])).values()];
        const shuffled = [...state].sort((a, b) => hash(a, seed) - hash(b, seed));
        expect(everything(new AttemptFold(fields, shuffled))).toEqual(everything(new AttemptFold(fields, state)));
        const again = new AttemptFold(fields, state);
        again.apply(state, [...state]);
        expect(everything(again)).toEqual(everything(new AttemptFold(fields, state)));
      }),
    );
  });

  it("moved change by change equals the fold from scratch, and tells exactly what changed", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(events, fc.integer({ min: 0, max: 30 })), { maxLength: 6 }), (steps) => {
        const moved = new AttemptFold(fields, []);
        const state = new Map<string, Row>();
        for (const [changed, leaving] of steps) {
          const before = VIEWS.map((view) => new Map(moved.rows(view).map((row) => [row[0], row])));
          const removed: Row[] = [];
          const added = new Map(changed.map((row) => [row[0] as string, row]));
          for (const key of [...added.keys(), `e-${leaving}`]) {
            const old = state.get(key);
            if (old) removed.push(old);
            state.delete(key);
          }
          for (const [key, row] of added) state.set(key, row);
          const change = moved.apply(removed, [...added.values()]);
          expect(everything(moved)).toEqual(everything(new AttemptFold(fields, [...state.values()])));
          VIEWS.forEach((view, i) => expect(told(before[i]!, change[view])).toEqual(sorted(moved.rows(view))));
        }
      }),
    );
  });

  it("gives one attempt for versions of one event and for one event per change of status", () => {
    const versions = fold({ status: "COMPLETED", lastUpdatedAt: NINE + MINUTE, processedRecordCount: 7 });
    const perStatus = fold(
      { eventId: "e-1", status: "STARTED" },
      { eventId: "e-2", status: "RUNNING", eventTimestamp: NINE + 1_000 },
      { eventId: "e-3", status: "COMPLETED", eventTimestamp: NINE + MINUTE, processedRecordCount: 7 },
    );
    expect(perStatus.batches()).toEqual(versions.batches());
    expect(perStatus.attemptsOf("batch-1")).toMatchObject([
      { status: "COMPLETED", startedAt: NINE, endedAt: NINE + MINUTE, rowsOut: 7, attempt: 0 },
    ]);
  });
});

describe("problems", () => {
  const failure = { status: "FAILED", errorMessage: "timeout after 30 s\nat line 4" };

  it("group failures of a stage whose errors differ in variable parts only", () => {
    const [problem, ...others] = fold(
      { eventId: "e-1", ...failure },
      {
        eventId: "e-2",
        ...failure,
        correlationId: "batch-2",
        errorMessage: "timeout after 7 s",
        eventTimestamp: NINE + 1,
      },
    ).problems();
    expect(others).toEqual([]);
    expect(problem).toMatchObject({
      error: "timeout after 7 s",
      reason: "same pipeline, stage and error; numbers may differ",
      state: "failing",
      firstSeen: NINE,
      lastSeen: NINE + 1,
      count: 2,
      batches: 2,
      recoveredAt: null,
    });
  });

  it("recover with a later completion of the same pipeline and stage, not with an earlier or another one", () => {
    const ok = { eventId: "e-2", correlationId: "batch-2", status: "COMPLETED" };
    const stateOf = (...more: Parameters<typeof eventRow>[0][]) =>
      fold({ eventId: "e-1", ...failure }, ...more).problems()[0]!;
    expect(stateOf({ ...ok, eventTimestamp: NINE + MINUTE })).toMatchObject({
      state: "recovered",
      recoveredAt: NINE + MINUTE,
    });
    expect(stateOf({ ...ok, eventTimestamp: NINE - 1 }).state).toBe("failing");
    expect(stateOf({ ...ok, eventTimestamp: NINE + 1, stageName: "read" }).state).toBe("failing");
  });

  it("are retrying while their last attempt is", () => {
    const retry = { eventId: "e-2", status: "RETRYING", errorMessage: "timeout after 2 s", attempt: 1 };
    const [problem] = fold({ eventId: "e-1", ...failure }, { ...retry, eventTimestamp: NINE + 1 }).problems();
    expect(problem).toMatchObject({ state: "retrying", count: 2 });
  });
});

describe("batches and pipelines", () => {
  it("count a stage by its last attempt", () => {
    const [batch] = fold(
      { eventId: "e-1", status: "FAILED", attempt: 0 },
      { eventId: "e-2", status: "COMPLETED", attempt: 1, eventTimestamp: NINE + 1 },
    ).batches();
    expect(batch).toMatchObject({ state: "completed", attempts: 2, failed: 1, endedAt: NINE + 1 });
  });

  it("keep records exact beyond 2^53", () => {
    const [batch] = fold({ sourceRecordCount: "9007199254740993", processedRecordCount: 3 }).batches();
    expect(batch).toMatchObject({ rowsIn: "9007199254740993", rowsOut: 3 });
  });

  it("show what is usual beside what is now", () => {
    const runs = [1, 2, 3, 4].map((i) => ({
      eventId: `e-${i}`,
      correlationId: `batch-${i}`,
      eventTimestamp: NINE + i * MINUTE,
      lastUpdatedAt: NINE + i * MINUTE + i * 1_000,
      processedRecordCount: i * 10,
    }));
    const [pipeline] = fold(...runs).pipelines();
    expect(pipeline).toMatchObject({
      state: "ok",
      runs: 4,
      completed: 4,
      usualDurationMs: 2_000,
      nowDurationMs: 4_000,
      usualRows: 20,
      nowRows: 40,
      lastSuccessAt: NINE + 4 * MINUTE + 4_000,
    });
    expect(pipeline!.recent.map(({ correlationId }) => correlationId)).toEqual([
      "batch-4",
      "batch-3",
      "batch-2",
      "batch-1",
    ]);
  });

  it("travel as rows in the order of their columns", () => {
    const views = fold({ status: "FAILED", errorMessage: "disk full" });
    expect(rowToProblem(views.rows("problems")[0]!)).toEqual(views.problems()[0]);
    expect(rowToPipeline(views.rows("pipelines")[0]!)).toEqual(views.pipelines()[0]);
    expect(rowToBatch(views.rows("batches")[0]!)).toEqual(views.batches()[0]);
  });
});

const hash = (row: Row, seed: number): number => Math.imul(Number(String(row[0]).slice(2)) + 7, seed | 1) % 1_009;

function told(before: ReadonlyMap<unknown, Row>, { up, del }: { up: Row[]; del: string[] }): Row[] {
  const after = new Map(before);
  for (const key of del) expect(after.delete(key)).toBe(true);
  for (const row of up) after.set(row[0], row);
  return sorted([...after.values()]);
}
