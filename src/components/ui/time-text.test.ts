import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { ageText, clockTime, durationText, exactTime, isoTime, shortTime } from "./time-text";

const T = Date.parse("2026-11-21T10:15:00.123Z");

describe("times as text", () => {
  it("are UTC and valid as the content of a time element", () => {
    expect(exactTime(T)).toBe("2026-11-21 10:15:00.123Z");
    expect(isoTime(T)).toBe("2026-11-21T10:15:00.123Z");
  });

  it("survive numbers that are no date", () => {
    expect(exactTime(9e15)).toBe("9000000000000000");
    expect(isoTime(Number.NaN)).toBeNull();
  });

  it("is the ISO form of every moment that has one", () => {
    const near = fc.integer({ min: T - 200_000, max: T + 200_000 });
    const any = fc.integer({ min: -8.64e15, max: 8.64e15 });
    fc.assert(
      fc.property(fc.oneof(near, any), (ms) => {
        expect(exactTime(ms)).toBe(new Date(ms).toISOString().replace("T", " "));
      }),
      { numRuns: 2_000 },
    );
    expect(exactTime(T + 0.7)).toBe(exactTime(T));
  });

  it("are of the zone that is asked for, on both sides of its changes", () => {
    expect(exactTime(T, "Europe/Berlin")).toBe("2026-11-21 11:15:00.123+01:00");
    expect(exactTime(T, "America/St_Johns")).toBe("2026-11-21 06:45:00.123-03:30");
    expect(exactTime(T, "Asia/Kathmandu")).toBe("2026-11-21 16:00:00.123+05:45");
    const change = Date.parse("2026-10-25T01:00:00Z");
    expect(exactTime(change - 1, "Europe/Berlin")).toBe("2026-10-25 02:59:59.999+02:00");
    expect(exactTime(change, "Europe/Berlin")).toBe("2026-10-25 02:00:00.000+01:00");
    // A zone that changes in the middle of an hour of UTC.
    const lordHowe = Date.parse("2026-10-03T15:30:00Z");
    expect(exactTime(lordHowe - 1, "Australia/Lord_Howe")).toBe("2026-10-04 01:59:59.999+10:30");
    expect(exactTime(lordHowe, "Australia/Lord_Howe")).toBe("2026-10-04 02:30:00.000+11:00");
    expect(exactTime(9e15, "Europe/Berlin")).toBe("9000000000000000");
    expect(clockTime(T, T + 46_800_000, "Europe/Berlin")).toBe("2026-11-21 11:15:00");
  });

  it("name the day only when it is another one", () => {
    expect(clockTime(T, T + 3_600_000)).toBe("10:15:00");
    expect(clockTime(T, T + 86_400_000)).toBe("2026-11-21 10:15:00");
  });

  it.each([
    [-5, "0.0 s"],
    [400, "0.4 s"],
    [9_990, "9.9 s"],
    [59_900, "59 s"],
    [60_000, "1 min"],
    [83_000, "1 min 23 s"],
    [3_599_000, "59 min"],
    [3_600_000, "1 h"],
    [56_760_000, "15 h 46 min"],
    [187_200_000, "2 d 4 h"],
  ])("%d ms is %s", (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });

  it.each([
    [-5, "0 s"],
    [42_900, "42 s"],
    [83_000, "1 min"],
    [3_599_000, "59 min"],
    [11_130_000, "3 h 05 min"],
  ])("of an age of %d ms seconds are told only while there is no minute: %s", (ms, text) => {
    expect(ageText(ms)).toBe(text);
  });

  it("name the day in lists only when it is another one, and never seconds", () => {
    expect(shortTime(T, T + 3_600_000)).toBe("10:15");
    expect(shortTime(T, T + 86_400_000)).toBe("11-21 10:15");
  });
});
