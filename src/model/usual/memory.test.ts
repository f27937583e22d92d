import { describe, expect, it } from "vitest";
import { HOUR_MS, hourIdOf, hourOf, type PipelineHour } from "../hours/pipeline-hour";
import { sketchOf } from "../hours/sketch";
import { usualOf } from "./memory";
import type { Figure } from "./usual";

const MINUTE = 60_000;
const DAY = 24 * HOUR_MS;
/** A Monday, 00:00 UTC. */
const MONDAY = Date.UTC(2026, 9, 19);

interface Start {
  at: number;
  tookMs: number;
  rows: number;
}

/** The remembered hours of a recorded series of runs. */
function hoursOf(series: readonly Start[]): PipelineHour[] {
  return [...groupByHour(series)].map(([hour, starts]) => {
    const sorted = starts.map(({ at }) => at).sort((a, b) => a - b);
    return {
      hourId: hourIdOf("orders", null, hour, true),
      pipelineName: "orders",
      stageName: null,
      hour,
      state: "REMEMBERED",
      sourceAt: hour + 25 * HOUR_MS,
      attempts: starts.length,
      running: 0,
      retrying: 0,
      failed: 0,
      completed: starts.length,
      rowsIn: null,
      rowsOut: null,
      durations: sketchOf(starts.map(({ tookMs }) => tookMs)),
      rowCounts: sketchOf(starts.map(({ rows }) => rows)),
      gaps: sketchOf(sorted.slice(1).map((at, i) => at - sorted[i]!)),
      firstStartAt: sorted[0]!,
      lastStartAt: sorted.at(-1)!,
      lastUpdatedAt: null,
      firstFailedAt: null,
      firstShownAt: null,
      lastFailedAt: null,
      recoveredAt: null,
      firstCompletedAt: null,
    };
  });
}

function groupByHour(series: readonly Start[]): Map<number, Start[]> {
  const groups = new Map<number, Start[]>();
  for (const start of series) groups.set(hourOf(start.at), [...(groups.get(hourOf(start.at)) ?? []), start]);
  return groups;
}

/** Minutes, to two digits. */
const minutes = (figure: Figure | null) =>
  figure && [figure.median / MINUTE, figure.spread / MINUTE].map((n) => Math.round(n * 10) / 10);

const times = (n: number, of: (i: number) => Start): Start[] => Array.from({ length: n }, (_, i) => of(i));

describe("what is usual, from recorded series", () => {
  it("is every six minutes give or take for a pipeline that runs so", () => {
    const jitter = [0, 100, 70, -20, 40, 120, 100, 10];
    const usual = usualOf(
      hoursOf(
        times(10 * 240, (i) => ({ at: MONDAY + i * 6 * MINUTE + jitter[i % 8]! * 1_000, tookMs: MINUTE, rows: 1_000 })),
      ),
    ).of("orders", MONDAY + 10 * DAY + 9 * HOUR_MS)!;
    const [median, spread] = minutes(usual.every)!;
    expect(median).toBeGreaterThan(5);
    expect(median).toBeLessThan(7);
    expect(spread).toBeGreaterThan(0.5);
    expect(spread).toBeLessThan(4);
    expect(usual.firstSeenAt).toBe(MONDAY);
    expect(usual.duration!.median / MINUTE).toBeCloseTo(1, 1);
    expect(usual.rows!.median / 1_000).toBeCloseTo(1, 1);
  });

  it("knows the weekend of a pipeline that rests on it, from the third week on", () => {
    const weekdays = times(28, (i) => ({ at: MONDAY + i * DAY + 2 * HOUR_MS, tookMs: 30 * MINUTE, rows: 5 })).filter(
      (_, i) => i % 7 < 5,
    );
    const usual = usualOf(hoursOf(weekdays));
    const friday = usual.of("orders", MONDAY + 32 * DAY + 2 * HOUR_MS)!;
    expect(friday.everySource).toBe("hour of week");
    expect(friday.every!.median / HOUR_MS).toBeCloseTo(72, 0);
    const tuesday = usual.of("orders", MONDAY + 29 * DAY + 2 * HOUR_MS)!;
    expect(tuesday.every!.median / HOUR_MS).toBeCloseTo(24, 0);
  });

  it("falls back to the hour of the day, and then to all hours, while samples are few", () => {
    const daily = hoursOf(times(6, (i) => ({ at: MONDAY + i * DAY + 2 * HOUR_MS, tookMs: 1_000, rows: 1 })));
    expect(usualOf(daily).of("orders", MONDAY + 6 * DAY + 2 * HOUR_MS)).toMatchObject({ everySource: "hour of day" });
    expect(usualOf(daily).of("orders", MONDAY + 6 * DAY + 5 * HOUR_MS)).toMatchObject({ everySource: "all hours" });
  });

  it("is a busy hour in the busy hour and a quiet one in the quiet", () => {
    const series = times(21, (i) => ({ at: MONDAY + i * DAY, tookMs: 0, rows: 0 })).flatMap(({ at }) => [
      ...times(12, (i) => ({ at: at + 9 * HOUR_MS + i * 5 * MINUTE, tookMs: 4 * MINUTE, rows: 900 })),
      { at: at + 22 * HOUR_MS, tookMs: MINUTE, rows: 10 },
    ]);
    const usual = usualOf(hoursOf(series));
    const day = MONDAY + 21 * DAY;
    expect(usual.of("orders", day + 9 * HOUR_MS)!.every!.median / MINUTE).toBeCloseTo(5, 0);
    expect(usual.of("orders", day + 9 * HOUR_MS)!.rows!.median / 900).toBeCloseTo(1, 1);
    expect(usual.of("orders", day + 22 * HOUR_MS)!.every!.median / HOUR_MS).toBeCloseTo(11, 0);
    expect(usual.of("orders", day + 22 * HOUR_MS)!.rows!.median / 10).toBeCloseTo(1, 1);
  });

  it("is nothing of a pipeline that was never heard of, and no figure of too few runs", () => {
    const twice = hoursOf(times(2, (i) => ({ at: MONDAY + i * DAY, tookMs: 1_000, rows: 1 })));
    expect(usualOf(twice).of("orders", MONDAY)).toMatchObject({ every: null, everySource: null, duration: null });
    expect(usualOf(twice).of("stock", MONDAY)).toBeNull();
    expect(usualOf(twice.map((hour) => ({ ...hour, state: "FINAL" as const }))).of("orders", MONDAY)).toBeNull();
  });

  it("is the same from hours in any order", () => {
    const hours = hoursOf(times(300, (i) => ({ at: MONDAY + i * 50 * MINUTE, tookMs: i * 100, rows: i })));
    const one = usualOf(hours).of("orders", MONDAY);
    expect(usualOf([...hours].reverse()).of("orders", MONDAY)).toEqual(one);
  });
});
