import { describe, expect, it } from "vitest";
import { pipelineFeed } from "../../../../tests/support/pipeline-feed";
import { EVERYTHING } from "../../../model/filter";
import { HOUR_MS, hourIdOf, type PipelineHour } from "../../../model/hours/pipeline-hour";
import { sketchOf } from "../../../model/hours/sketch";
import { memoryCharts, memoryFilter } from "./memory-charts";

const START = Date.parse("2026-11-01T00:00:00Z");

const hour = (pipelineName: string, at: number, more: Partial<PipelineHour> = {}): PipelineHour => ({
  hourId: hourIdOf(pipelineName, null, START + at * HOUR_MS),
  pipelineName,
  stageName: null,
  hour: START + at * HOUR_MS,
  state: "FINAL",
  sourceAt: START,
  attempts: 3,
  running: 0,
  retrying: 0,
  failed: 1,
  completed: 2,
  rowsIn: 10,
  rowsOut: 8,
  durations: sketchOf([1_000, 3_000]),
  rowCounts: [],
  gaps: [],
  firstStartAt: null,
  lastStartAt: null,
  lastUpdatedAt: null,
  firstFailedAt: null,
  firstShownAt: null,
  lastFailedAt: null,
  recoveredAt: null,
  firstCompletedAt: null,
  ...more,
});

const range = { from: START, to: START + 10 * HOUR_MS, zone: "UTC", rangeHref: null };
const all = memoryFilter(pipelineFeed, EVERYTHING)!;

describe("charts of what is remembered", () => {
  it("are of whole hours, added up over pipelines", () => {
    const [runs, rows, durations] = memoryCharts([hour("a", 0), hour("b", 0), hour("a", 9), hour("a", 10)], all, range);
    expect(runs!.shape).toMatchObject({
      bucketMs: HOUR_MS,
      buckets: 10,
      series: [{ name: "completed", values: [4, 0, 0, 0, 0, 0, 0, 0, 0, 2] }, { name: "failed" }, {}, {}],
    });
    expect(rows!.shape).toMatchObject({ series: [{ values: [16, 0, 0, 0, 0, 0, 0, 0, 0, 8] }] });
    expect(durations!.shape).toMatchObject({ series: [{ points: [{ x: START + HOUR_MS / 2 }, {}] }, {}] });
  });

  it("are hatched from the first hour that is not final", () => {
    const [runs] = memoryCharts([hour("a", 2), hour("a", 8, { state: "PROVISIONAL" })], all, range);
    expect(runs!.provisionalFrom).toBe(START + 8 * HOUR_MS);
  });

  it("are of the pipelines that are asked for, and of no other filter", () => {
    const field = (name: string) => pipelineFeed.fields.findIndex((one) => one.name === name);
    const columns = [{ field: field("pipelineName"), negated: false, values: ["b"] }];
    const [runs] = memoryCharts([hour("a", 0), hour("b", 0)], memoryFilter(pipelineFeed, { ...EVERYTHING, columns })!, range); // prettier-ignore
    expect(runs!.shape).toMatchObject({ series: [{ values: [2, 0, 0, 0, 0, 0, 0, 0, 0, 0] }, {}, {}, {}] });
    expect(memoryFilter(pipelineFeed, { ...EVERYTHING, text: "x" })).toBeNull();
    expect(memoryFilter(pipelineFeed, { ...EVERYTHING, columns: [{ field: field("status"), negated: false, values: ["FAILED"] }] })).toBeNull(); // prettier-ignore
  });
});
