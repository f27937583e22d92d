import { describe, expect, it } from "vitest";
import { clockTime, durationText, exactTime, isoTime } from "./time-text";

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
});
