import { describe, expect, it } from "vitest";
import { HOUR_MS, hourIdOf, type PipelineHour } from "./hours/pipeline-hour";
import { EMPTY_SKETCH } from "./hours/sketch";
import { incidentsOf, reliabilityOf } from "./reliability";

const MINUTE = 60_000;
const DAY = 24 * HOUR_MS;
/** A Monday. */
const MONDAY = Date.UTC(2026, 10, 16);
const NINE = MONDAY + 9 * HOUR_MS;

type Given = Partial<PipelineHour> & { hour: number };

const hour = (given: Given): PipelineHour => ({
  hourId: hourIdOf(given.pipelineName ?? "orders", null, given.hour),
  pipelineName: "orders",
  stageName: null,
  state: "FINAL",
  sourceAt: given.hour + 2 * HOUR_MS,
  attempts: 1,
  running: 0,
  retrying: 0,
  failed: given.firstFailedAt === undefined ? 0 : 1,
  completed: given.firstCompletedAt === undefined ? 0 : 1,
  rowsIn: null,
  rowsOut: null,
  durations: EMPTY_SKETCH,
  rowCounts: EMPTY_SKETCH,
  gaps: EMPTY_SKETCH,
  firstStartAt: given.hour,
  lastStartAt: given.hour,
  lastUpdatedAt: given.hour,
  firstFailedAt: null,
  firstShownAt: null,
  lastFailedAt: given.firstFailedAt ?? null,
  recoveredAt: null,
  firstCompletedAt: null,
  ...given,
});

const failedAt = NINE + 10 * MINUTE;

describe("incidents", () => {
  it("end with the first completion after the last failure, in the same hour or a later one", () => {
    const within = hour({ hour: NINE, firstFailedAt: failedAt, recoveredAt: failedAt + 5 * MINUTE });
    expect(incidentsOf([within], [])).toMatchObject([{ failedAt, recoveredAt: failedAt + 5 * MINUTE }]);
    const begins = hour({ hour: NINE, firstFailedAt: failedAt });
    const goesOn = hour({ hour: NINE + HOUR_MS, firstFailedAt: failedAt + HOUR_MS });
    const ends = hour({ hour: NINE + 3 * HOUR_MS, firstCompletedAt: NINE + 3 * HOUR_MS + MINUTE });
    // In whatever order the hours come.
    expect(incidentsOf([ends, begins, goesOn], [])).toEqual([
      {
        pipelineName: "orders",
        failedAt,
        shownAt: null,
        acknowledgedAt: null,
        lastFailedAt: failedAt + HOUR_MS,
        recoveredAt: NINE + 3 * HOUR_MS + MINUTE,
      },
    ]);
  });

  it("are two when the pipeline recovered in between, and last while it has not", () => {
    const begins = hour({ hour: NINE, firstFailedAt: failedAt });
    const again = hour({
      hour: NINE + HOUR_MS,
      firstCompletedAt: NINE + HOUR_MS + MINUTE,
      firstFailedAt: NINE + HOUR_MS + 5 * MINUTE,
    });
    const [first, second] = incidentsOf([begins, again], []);
    expect(first).toMatchObject({ recoveredAt: NINE + HOUR_MS + MINUTE });
    expect(second).toMatchObject({ failedAt: NINE + HOUR_MS + 5 * MINUTE, recoveredAt: null });
  });

  it("are of one pipeline each, and not of hours of stages", () => {
    const other = hour({ hour: NINE, pipelineName: "stock", firstCompletedAt: failedAt + MINUTE });
    const stage = hour({ hour: NINE, stageName: "load", firstFailedAt: failedAt });
    const own = hour({ hour: NINE, firstFailedAt: failedAt });
    expect(incidentsOf([other, stage, own], [])).toMatchObject([{ pipelineName: "orders", recoveredAt: null }]);
  });
});

describe("reliability", () => {
  it("is the mean time until failures are shown, acknowledged and recovered from, by pipeline and by week", () => {
    const hours = [
      hour({
        hour: NINE,
        firstFailedAt: failedAt,
        firstShownAt: failedAt + 2_000,
        recoveredAt: failedAt + 10 * MINUTE,
      }),
      hour({
        hour: NINE - 7 * DAY,
        firstFailedAt: failedAt - 7 * DAY,
        firstShownAt: failedAt - 7 * DAY + 4_000,
        recoveredAt: failedAt - 7 * DAY + 30 * MINUTE,
      }),
      hour({ hour: NINE, pipelineName: "stock", firstFailedAt: failedAt, firstShownAt: failedAt - 1_000 }),
      hour({ hour: NINE - 60 * DAY, firstFailedAt: failedAt - 60 * DAY, recoveredAt: failedAt - 59 * DAY }),
    ];
    const marks = [
      { pipelineName: "orders", at: failedAt + 9 * MINUTE },
      { pipelineName: "orders", at: failedAt + 3 * MINUTE },
      { pipelineName: "orders", at: failedAt + 11 * MINUTE },
      { pipelineName: "stock", at: failedAt - MINUTE },
    ];
    const report = reliabilityOf(hours, marks, NINE + 5 * HOUR_MS);
    expect(report.overall).toEqual({
      incidents: 3,
      open: 1,
      meanToShown: 2_000,
      meanToAcknowledged: 3 * MINUTE,
      acknowledged: 1,
      meanToRecovered: 20 * MINUTE,
    });
    expect(report.pipelines.map(({ pipelineName, incidents, open }) => [pipelineName, incidents, open])).toEqual([
      ["stock", 1, 1],
      ["orders", 2, 0],
    ]);
    expect(report.weeks.map(({ from, incidents }) => [(from - MONDAY) / DAY, incidents])).toEqual([
      [-35, 0],
      [-28, 0],
      [-21, 0],
      [-14, 0],
      [-7, 1],
      [0, 2],
    ]);
  });

  it("says nothing of what did not happen", () => {
    const { overall, pipelines } = reliabilityOf([], [], NINE);
    expect(overall).toMatchObject({ incidents: 0, meanToShown: null, meanToRecovered: null });
    expect(pipelines).toEqual([]);
  });
});
