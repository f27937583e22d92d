import fc from "fast-check";
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
    [0, "2 ms", "1 ms"],
    [3, "4 ms", "2 ms"],
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

  it("leaves out times that clocks were put forward over, and begins a day without midnight where it begins", () => {
    expect(axis("2026-03-28T23:40:00Z", "2026-03-29T02:40:00Z", "Europe/Berlin")).toEqual([
      ["2026-03-29T00:00:00.000Z", "01:00"],
      ["2026-03-29T01:00:00.000Z", "03:00"],
      ["2026-03-29T02:00:00.000Z", "04:00"],
    ]);
    expect(axis("2026-04-23T00:00:00Z", "2026-04-25T12:00:00Z", "Africa/Cairo")).toContainEqual([
      "2026-04-23T22:00:00.000Z",
      "04-24",
    ]);
  });

  it("begins weeks on Mondays, and months and years on their first", () => {
    const labels = (from: string, to: string) => axis(from, to).map(([, text]) => text);
    expect(labels("2026-10-22T09:00:00Z", "2026-11-22T09:00:00Z")).toEqual(["10-26", "11-02", "11-09", "11-16"]);
    expect(labels("2025-11-22T09:00:00Z", "2026-11-22T09:00:00Z")).toEqual([
      "2026-01",
      "2026-04",
      "2026-07",
      "2026-10",
    ]);
    expect(labels("2022-11-22T09:00:00Z", "2026-11-22T09:00:00Z")).toEqual(["2023", "2024", "2025", "2026"]);
  });

  it("has marks between its ends in their order, in any zone and of any length, and no more than a phone has room for", () => {
    const zone = fc.constantFrom(
      ...["UTC", "Europe/Berlin", "Africa/Cairo", "America/Santiago", "Asia/Kolkata", "America/St_Johns"],
      ...["Australia/Lord_Howe", "Pacific/Apia"],
    );
    const start = fc.integer({ min: Date.UTC(2024, 0), max: Date.UTC(2027, 0) });
    const length = fc.oneof(fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 0, max: 20 * 366 * 86_400_000 }));
    fc.assert(
      fc.property(zone, start, length, (zone, start, length) => {
        const marks = roundTimes(start, start + length, zone);
        const times = marks.map(({ ms }) => ms);
        expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
        expect(Math.min(...times)).toBeGreaterThanOrEqual(start);
        expect(Math.max(...times)).toBeLessThanOrEqual(start + length);
        // Days of 23 hours and months of 28 days make room for one more.
        expect(times.length).toBeLessThanOrEqual(6);
        expect(times.length).toBeGreaterThanOrEqual(zone === "UTC" && length >= 5_000 ? 2 : 1);
      }),
      { numRuns: 500 },
    );
  });
});
