import { describe, expect, it } from "vitest";
import { eventRow, NINE, pipelineFeed } from "../../tests/support/pipeline-feed";
import { attemptFields } from "./attempt";
import type { PipelineSummary } from "./pipeline";
import { healthOf, troublesOf } from "./pipeline-health";
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
    expect(healthOf(summary, null, NINE + 11 * MINUTE)).toMatchObject({ state: "ok", since: null });
    expect(healthOf(summary, null, NINE + 13 * MINUTE)).toMatchObject({
      state: "late",
      text: "late: last start 13 min ago (usual 6 ± 2)",
      since: NINE + 6 * MINUTE,
    });
    expect(healthOf(summary, null, NINE + 42 * MINUTE)).toMatchObject({
      state: "silent",
      text: "silent 42 min (usual 6 ± 2)",
    });
    expect(healthOf(summary, null, NINE + 9 * HOUR).text).toBe("silent 9 h (usual 6 ± 2 min)");
  });

  it("raises no alarm in the first day of a pipeline", () => {
    const young = { ...SIX_MINUTES, firstSeenAt: NINE - DAY + 2 * HOUR };
    const summary = pipeline(young, run());
    expect(healthOf(summary, null, NINE + HOUR)).toMatchObject({ state: "ok", isLearning: true });
    expect(healthOf(summary, null, NINE + 2 * HOUR)).toMatchObject({ state: "silent", isLearning: false });
  });

  it("raises no alarm while nothing is usual", () => {
    expect(healthOf(pipeline(null, run()), null, NINE + 30 * DAY)).toMatchObject({ state: "ok" });
  });

  it("is slow while a run takes longer than usual, and lost when nothing is heard of it", () => {
    const summary = pipeline(SIX_MINUTES, run({ status: "RUNNING", lastUpdatedAt: NINE + SECOND }));
    expect(healthOf(summary, null, NINE + MINUTE)).toMatchObject({ state: "running", since: NINE });
    expect(healthOf(summary, null, NINE + 4 * MINUTE)).toMatchObject({
      state: "slow",
      text: "slow: running for 4 min (usual 60 ± 5 s)",
    });
    expect(healthOf(summary, null, NINE + 20 * MINUTE)).toMatchObject({
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
    expect(healthOf(summary, null, NINE + 10 * MINUTE)).toMatchObject({ state: "ok" });
  });

  it("is slow after a run that took too long, and tells of few rows", () => {
    const late = run({ lastUpdatedAt: NINE + 5 * MINUTE });
    expect(healthOf(pipeline(SIX_MINUTES, late), null, NINE + 6 * MINUTE)).toMatchObject({
      state: "slow",
      text: "slow: took 5 min (usual 60 ± 5 s)",
    });
    const rows = (n: number) =>
      healthOf(pipeline(SIX_MINUTES, run({ processedRecordCount: n })), null, NINE + 2 * MINUTE);
    expect(rows(600)).toMatchObject({ state: "ok" });
    expect(rows(480)).toMatchObject({ state: "few rows", text: "half the usual rows" });
    expect(rows(100)).toMatchObject({ state: "few rows", text: "10 % of the usual rows" });
    expect(rows(0)).toMatchObject({ state: "few rows", text: "no rows" });
  });

  /** By its own problems, as pages judge it. */
  function judged(now: number, ...events: Parameters<typeof eventRow>[0][]) {
    const fold = new AttemptFold(fields, events.map(eventRow), { usual: remembered(SIX_MINUTES) });
    const [summary] = fold.pipelines();
    return healthOf(summary!, troublesOf(fold.problems()).get(summary!.pipelineName) ?? null, now);
  }

  it("is what its problems are before what it is taken for", () => {
    const failed = run({ status: "FAILED", errorMessage: "disk full" });
    expect(judged(NINE + DAY, failed)).toMatchObject({ state: "failing", since: NINE + MINUTE });
    expect(judged(NINE + 2 * MINUTE, run({ status: "RETRYING" }))).toMatchObject({ state: "retrying" });
  });

  it("fails while one of its stages does, though others of the batch still run or a later batch went without it", () => {
    const failed = run({ eventId: "a", stageName: "audit", status: "FAILED", errorMessage: "no" });
    const other = { eventId: "b", eventTimestamp: NINE + 2 * MINUTE, lastUpdatedAt: NINE + 3 * MINUTE };
    const running = run({ ...other, status: "RUNNING" });
    expect(judged(NINE + 4 * MINUTE, failed, running)).toMatchObject({ state: "failing" });
    const later = run({ ...other, correlationId: "later" });
    expect(judged(NINE + 4 * MINUTE, failed, later)).toMatchObject({ state: "failing" });
  });

  it("fails no more once the stage that failed has completed, whichever batch that was of", () => {
    const newer = run({ eventId: "a", correlationId: "newer", eventTimestamp: NINE + SECOND, status: "FAILED" });
    const older = run({ eventId: "b", correlationId: "older", lastUpdatedAt: NINE + 2 * MINUTE });
    expect(judged(NINE + 3 * MINUTE, newer, older)).toMatchObject({ state: "ok" });
  });

  it("fails since its oldest problem that fails, beside one that is retried", () => {
    const problem = (stageName: string, status: "FAILED" | "RETRYING", minute: number) =>
      run({ eventId: stageName, stageName, status, lastUpdatedAt: NINE + minute * MINUTE });
    const events = [problem("a", "RETRYING", 1), problem("b", "FAILED", 3), problem("c", "FAILED", 2)];
    expect(judged(NINE + 5 * MINUTE, ...events)).toMatchObject({ state: "failing", since: NINE + 2 * MINUTE });
  });

  it("takes a pipeline for a stream when its run was still told of hours after its start and none completed", () => {
    const stream = pipeline(
      { ...SIX_MINUTES, every: null, everySource: null, duration: null, rows: null },
      run({ status: "RUNNING", lastUpdatedAt: NINE + 7 * HOUR, sourceRecordCount: 5_000, processedRecordCount: 4_200 }),
    );
    expect(stream).toMatchObject({ kind: "stream", dueAt: null, lagRows: 800, lastHeartbeatAt: NINE + 7 * HOUR });
    expect(healthOf(stream, null, NINE + 7 * HOUR + 2 * MINUTE)).toMatchObject({
      state: "running",
      text: "heard of 2 min ago, 800 records behind",
    });
    expect(healthOf(stream, null, NINE + 8 * HOUR)).toMatchObject({ state: "silent", since: NINE + 7 * HOUR });
    expect(pipeline(null, run({ status: "RUNNING", lastUpdatedAt: NINE + HOUR }))).toMatchObject({ kind: "batch" });
  });

  it("knows how much of its interval a pipeline leaves free", () => {
    expect(healthOf(pipeline(SIX_MINUTES, run()), null, NINE + 2 * MINUTE).headroom).toBeCloseTo(5 / 6);
    expect(healthOf(pipeline(null, run()), null, NINE + 2 * MINUTE).headroom).toBeNull();
  });
});
