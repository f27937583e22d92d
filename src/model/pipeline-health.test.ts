import { describe, expect, it } from "vitest";
import { eventRow, NINE, pipelineFeed } from "../../tests/support/pipeline-feed";
import { attemptFields } from "./attempt";
import type { PipelineSummary } from "./pipeline";
import { healthOf } from "./pipeline-health";
import type { PipelineUsual, Usual } from "./usual/usual";
import { AttemptFold } from "./view-fold";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const fields = attemptFields(pipelineFeed)!;

/** Every six minutes give or take two, for a minute, a thousand rows; known for a month. */
const SIX_MINUTES: PipelineUsual = {
  firstSeenAt: NINE - 30 * DAY,
  every: { median: 6 * MINUTE, spread: 2 * MINUTE },
  everySource: "hour of week",
  duration: { median: MINUTE, spread: 5 * SECOND },
  rows: { median: 1_000, spread: 50 },
};

const remembered = (usual: PipelineUsual | null): Usual => ({ of: () => usual });

function pipeline(usual: PipelineUsual | null, ...events: Parameters<typeof eventRow>[0][]): PipelineSummary {
  return new AttemptFold(fields, events.map(eventRow), { usual: remembered(usual) }).pipelines()[0]!;
}

const run = (values: Parameters<typeof eventRow>[0] = {}) => ({
  eventTimestamp: NINE,
  lastUpdatedAt: NINE + MINUTE,
  processedRecordCount: 1_000,
  ...values,
});

describe("the health of a pipeline", () => {
  it("is late after its usual interval, and silent when the next one has passed as well", () => {
    const summary = pipeline(SIX_MINUTES, run());
    expect(healthOf(summary, NINE + 11 * MINUTE)).toMatchObject({ state: "ok", since: null });
    expect(healthOf(summary, NINE + 13 * MINUTE)).toMatchObject({
      state: "late",
      text: "late: last start 13 min ago (usual 6 ± 2)",
      since: NINE + 6 * MINUTE,
    });
    expect(healthOf(summary, NINE + 42 * MINUTE)).toMatchObject({
      state: "silent",
      text: "silent 42 min (usual 6 ± 2)",
    });
    expect(healthOf(summary, NINE + 9 * HOUR).text).toBe("silent 9 h (usual 6 ± 2 min)");
  });

  it("raises no alarm in the first day of a pipeline", () => {
    const young = { ...SIX_MINUTES, firstSeenAt: NINE - DAY + 2 * HOUR };
    const summary = pipeline(young, run());
    expect(healthOf(summary, NINE + HOUR)).toMatchObject({ state: "ok", isLearning: true });
    expect(healthOf(summary, NINE + 2 * HOUR)).toMatchObject({ state: "silent", isLearning: false });
  });

  it("raises no alarm while nothing is usual", () => {
    expect(healthOf(pipeline(null, run()), NINE + 30 * DAY)).toMatchObject({ state: "ok" });
  });

  it("is slow while a run takes longer than usual, and lost when nothing is heard of it", () => {
    const summary = pipeline(SIX_MINUTES, run({ status: "RUNNING", lastUpdatedAt: NINE + SECOND }));
    expect(healthOf(summary, NINE + MINUTE)).toMatchObject({ state: "running", since: NINE });
    expect(healthOf(summary, NINE + 4 * MINUTE)).toMatchObject({
      state: "slow",
      text: "slow: running for 4 min (usual 60 ± 5 s)",
    });
    expect(healthOf(summary, NINE + 20 * MINUTE)).toMatchObject({
      state: "lost",
      text: "lost: nothing heard for 19 min (usual 60 ± 5 s)",
      since: NINE + SECOND,
    });
  });

  it("forgets a lost run when a later one has ended", () => {
    const summary = pipeline(
      SIX_MINUTES,
      run({ status: "RUNNING", lastUpdatedAt: NINE + SECOND }),
      run({
        eventId: "e-2",
        correlationId: "b-2",
        eventTimestamp: NINE + 6 * MINUTE,
        lastUpdatedAt: NINE + 7 * MINUTE,
      }),
    );
    expect(healthOf(summary, NINE + 10 * MINUTE)).toMatchObject({ state: "ok" });
  });

  it("is slow after a run that took too long, and tells of few rows", () => {
    const late = run({ lastUpdatedAt: NINE + 5 * MINUTE });
    expect(healthOf(pipeline(SIX_MINUTES, late), NINE + 6 * MINUTE)).toMatchObject({
      state: "slow",
      text: "slow: took 5 min (usual 60 ± 5 s)",
    });
    const rows = (n: number) => healthOf(pipeline(SIX_MINUTES, run({ processedRecordCount: n })), NINE + 2 * MINUTE);
    expect(rows(600)).toMatchObject({ state: "ok" });
    expect(rows(480)).toMatchObject({ state: "few rows", text: "half the usual rows" });
    expect(rows(100)).toMatchObject({ state: "few rows", text: "10 % of the usual rows" });
    expect(rows(0)).toMatchObject({ state: "few rows", text: "no rows" });
  });

  it("is what the pipeline says before what it is taken for", () => {
    const failed = pipeline(SIX_MINUTES, run({ status: "FAILED", errorMessage: "disk full" }));
    expect(healthOf(failed, NINE + DAY)).toMatchObject({ state: "failing", since: NINE });
    const retrying = pipeline(SIX_MINUTES, run({ status: "RETRYING" }));
    expect(healthOf(retrying, NINE + 2 * MINUTE)).toMatchObject({ state: "retrying" });
  });

  it("takes a pipeline for a stream when its run was still told of hours after its start and none completed", () => {
    const stream = pipeline(
      { ...SIX_MINUTES, every: null, everySource: null, duration: null, rows: null },
      run({ status: "RUNNING", lastUpdatedAt: NINE + 7 * HOUR, sourceRecordCount: 5_000, processedRecordCount: 4_200 }),
    );
    expect(stream).toMatchObject({ kind: "stream", dueAt: null, lagRows: 800, lastHeartbeatAt: NINE + 7 * HOUR });
    expect(healthOf(stream, NINE + 7 * HOUR + 2 * MINUTE)).toMatchObject({
      state: "running",
      text: "heard of 2 min ago, 800 records behind",
    });
    expect(healthOf(stream, NINE + 8 * HOUR)).toMatchObject({ state: "silent", since: NINE + 7 * HOUR });
    expect(pipeline(null, run({ status: "RUNNING", lastUpdatedAt: NINE + HOUR }))).toMatchObject({ kind: "batch" });
  });

  it("knows how much of its interval a pipeline leaves free", () => {
    expect(healthOf(pipeline(SIX_MINUTES, run()), NINE + 2 * MINUTE).headroom).toBeCloseTo(5 / 6);
    expect(healthOf(pipeline(null, run()), NINE + 2 * MINUTE).headroom).toBeNull();
  });
});
