import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { eventRow, NINE, pipelineFeed } from "../../tests/support/pipeline-feed";
import { HOSTILE } from "../../tests/support/hostile-text";
import { attemptFields } from "./attempt";
import { normaliseError, problemId } from "./normalise-error";
import { TREND_SLOT_MS, trendAt } from "./problem";
import { Regrouping, splitId, type ProblemRule } from "./problem-rule";
import { compareText, type Row } from "./value";
import { rowToBatch, rowToPipeline, rowToProblem, VIEWS } from "./view";
import { AttemptFold } from "./view-fold";

const fields = attemptFields(pipelineFeed)!;
const MINUTE = 60_000;

const idOf = (pipeline: string, stage: string, error: string) => problemId(pipeline, stage, normaliseError(error).text);
const rule = (problemId: string, by: { into: string } | { containing: string }): ProblemRule =>
  "into" in by
    ? { id: "r", feed: "f", kind: "merge", problemId, ...by }
    : { id: "r", feed: "f", kind: "split", problemId, ...by };

/** Rules about problems that the events below can make. */
const regrouping = fc
  .array(
    fc
      .tuple(
        fc.constantFrom("orders", "stock"),
        fc.constantFrom("read", "load"),
        fc.constantFrom("disk full", "timeout after 3 s", ""),
        fc.constantFrom("3", "disk", "40 s"),
        fc.constantFrom("disk full", "timeout after 3 s", null),
      )
      .map(([pipeline, stage, error, containing, into]) =>
        rule(idOf(pipeline, stage, error), into === null ? { containing } : { into: idOf(pipeline, stage, into) }),
      ),
    { maxLength: 6 },
  )
  .map((rules) => new Regrouping(rules));

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

  it("gives the same problems under rules of people in any order, and when it is grouped again", () => {
    fc.assert(
      fc.property(events, events, regrouping, regrouping, fc.integer(), (before, changed, first, rules, seed) => {
        const state = new Map(before.map((row) => [row[0], row]));
        const moved = new AttemptFold(fields, [...state.values()], { regrouping: first });
        const removed = changed.map((row) => state.get(row[0])).filter((row) => row !== undefined);
        for (const row of changed) state.set(row[0], row);
        moved.regroup(rules);
        moved.apply([...new Set(removed)], [...new Map(changed.map((row) => [row[0], row])).values()]);
        const shuffled = [...state.values()].sort((a, b) => hash(a, seed) - hash(b, seed));
        expect(everything(moved)).toEqual(everything(new AttemptFold(fields, shuffled, { regrouping: rules })));
        moved.regroup(first);
        expect(everything(moved)).toEqual(everything(new AttemptFold(fields, shuffled, { regrouping: first })));
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

  it("begin anew with a failure after a completion, and say how often they did", () => {
    const at = (minutes: number, status: string) => ({
      eventId: `e-${minutes}`,
      correlationId: `batch-${minutes}`,
      eventTimestamp: NINE + minutes * MINUTE,
      status,
      errorMessage: status === "FAILED" ? "disk full" : null,
    });
    const [problem] = fold(
      at(0, "FAILED"),
      at(1, "FAILED"),
      at(2, "COMPLETED"),
      at(3, "COMPLETED"),
      at(4, "FAILED"),
      at(15, "FAILED"),
    ).problems();
    expect(problem).toMatchObject({
      firstSeen: NINE,
      since: NINE + 4 * MINUTE,
      episodes: 2,
      lastBatch: "batch-15",
      trend: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 1],
      pattern: "disk full",
    });
    expect(trendAt(problem!, NINE + 15 * MINUTE)).toEqual(problem!.trend);
    expect(trendAt(problem!, NINE + 15 * MINUTE + 10 * TREND_SLOT_MS)).toEqual([3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(trendAt(problem!, NINE - 600 * MINUTE)).toEqual(problem!.trend);
    expect(trendAt(problem!, NINE + 6_000 * MINUTE)).toEqual(new Array(12).fill(0));
  });

  it("are merged and split by hand, and say so", () => {
    const rows = ["disk full", "no space left", "timeout on db-7", "timeout on db-8"].map((errorMessage, i) =>
      eventRow({ eventId: `e-${i}`, correlationId: `b-${i}`, status: "FAILED", errorMessage, lastUpdatedAt: NINE + i }),
    );
    const id = (error: string) => idOf("orders", "load", error);
    const timeout = id("timeout on db-7");
    const rules = [rule(id("disk full"), { into: id("no space left") }), rule(timeout, { containing: "db-7" })];
    const of = new AttemptFold(fields, rows, { regrouping: new Regrouping(rules) });
    expect(sorted(of.rows("problems")).map(rowToProblem)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          id: id("no space left"),
          count: 2,
          reason: "same pipeline, stage and error; merged by hand with failures whose errors read otherwise",
        }),
        expect.objectContaining({ id: timeout, count: 1, error: "timeout on db-8" }),
        expect.objectContaining({ id: splitId(timeout, "db-7"), count: 1, error: "timeout on db-7" }),
      ]),
    );
    expect(of.problem(splitId(timeout, "db-7"))!.reason).toContain('split off by hand, for the error has "db-7"');
    expect(of.failuresOf(id("no space left")).map(({ error }) => error)).toEqual(["disk full", "no space left"]);
  });

  it("are of hostile text as of any other (invariant 8)", () => {
    const rows = HOSTILE.map((text, i) =>
      eventRow({
        eventId: `e-${i}`,
        pipelineName: text,
        stageName: text,
        correlationId: text,
        status: "FAILED",
        errorMessage: text,
      }),
    );
    const of = new AttemptFold(fields, rows);
    expect(of.problems()).toHaveLength(HOSTILE.length);
    expect(new Set(of.problems().map(({ pipelineName }) => pipelineName))).toEqual(new Set(HOSTILE));
    of.apply(rows, []);
    expect(of.problems()).toEqual([]);
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

  it("count no record out of a run whose last stage failed without a word of any: those of the stage before never got there", () => {
    const stages = (...told: [string, string, number | null][]) =>
      told.map(([stageName, status, processedRecordCount], i) => ({
        ...{ eventId: `e-${stageName}`, stageName, status, processedRecordCount },
        eventTimestamp: NINE + i * MINUTE,
        lastUpdatedAt: NINE + (i + 1) * MINUTE,
      }));
    const rowsOut = (...told: Parameters<typeof stages>) => fold(...stages(...told)).batches()[0]!.rowsOut;
    expect(rowsOut(["extract", "COMPLETED", 500], ["load", "FAILED", null])).toBeNull();
    expect(rowsOut(["extract", "COMPLETED", 500], ["load", "FAILED", 20])).toBe(20);
    expect(rowsOut(["extract", "COMPLETED", 500], ["load", "RUNNING", null])).toBe(500);
    expect(rowsOut(["extract", "COMPLETED", 500], ["notify", "COMPLETED", null])).toBe(500);
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
