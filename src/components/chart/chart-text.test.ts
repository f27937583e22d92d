import { describe, expect, it } from "vitest";
import { niceTop, roundTimes, shortAmount } from "./chart-text";

describe("the axis of values", () => {
  it.each([
    [0, 1],
    [3, 5],
    [72, 100],
    [4_700, 5_000],
  ])("ends for %d things at %d", (most, top) => {
    expect(niceTop(most, "count")).toBe(top);
  });

  it.each([
    [320, "500 ms", "250 ms"],
    [640, "1 s", "500 ms"],
    [14_000, "20 s", "10 s"],
    [170_000, "4 min", "2 min"],
    [1_020_000, "20 min", "10 min"],
    [1_300_000, "30 min", "15 min"],
    [9_000_000, "4 h", "2 h"],
    [40 * 3_600_000, "2 d", "1 d"],
  ])("ends for a duration of %d ms at a round %s, and says what its half is: %s", (most, top, half) => {
    const end = niceTop(most, "ms");
    expect(end).toBeGreaterThanOrEqual(most);
    expect([shortAmount(end, "ms"), shortAmount(end / 2, "ms")]).toEqual([top, half]);
  });
});

describe("the axis of time", () => {
  const axis = (from: string, to: string, zone = "UTC") =>
    roundTimes(Date.parse(from), Date.parse(to), zone).map(({ ms, text }) => [new Date(ms).toISOString(), text]);

  it("has marks at round times, and the date where a day begins", () => {
    expect(axis("2026-11-21T15:07:12.345Z", "2026-11-22T15:07:12.345Z")).toEqual([
      ["2026-11-21T18:00:00.000Z", "18:00"],
      ["2026-11-22T00:00:00.000Z", "11-22"],
      ["2026-11-22T06:00:00.000Z", "06:00"],
      ["2026-11-22T12:00:00.000Z", "12:00"],
    ]);
  });

  it("tells seconds where the marks are closer than a minute", () => {
    expect(axis("2026-11-21T10:00:01Z", "2026-11-21T10:01:01Z").map(([, text]) => text)).toEqual([
      "10:00:15",
      "10:00:30",
      "10:00:45",
      "10:01:00",
    ]);
  });

  it("has marks that are round where the reader is, also after the clocks were changed", () => {
    expect(axis("2026-10-24T12:00:00Z", "2026-10-26T12:00:00Z", "Europe/Berlin")).toEqual([
      ["2026-10-24T22:00:00.000Z", "10-25"],
      ["2026-10-25T11:00:00.000Z", "12:00"],
      ["2026-10-25T23:00:00.000Z", "10-26"],
      ["2026-10-26T11:00:00.000Z", "12:00"],
    ]);
    expect(axis("2026-11-21T10:10:00Z", "2026-11-21T10:50:00Z", "Asia/Kolkata").map(([, text]) => text)).toEqual([
      "15:40",
      "15:50",
      "16:00",
      "16:10",
      "16:20",
    ]);
  });

  it.each([1, 999, 61_000, 3_600_000, 40 * 86_400_000, 3_000 * 86_400_000])(
    "has no more marks within %d ms than a phone has room for",
    (ms) => {
      const start = Date.UTC(2026, 10, 21, 9, 59, 58, 7);
      expect(roundTimes(start, start + ms, "UTC").length).toBeLessThanOrEqual(ms > 2e11 ? 9 : 5);
    },
  );
});
