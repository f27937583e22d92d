import { expect, test } from "vitest";
import { instantAt } from "~/model/instant";
import { sliderSteps } from "./slider-steps";

const TO = Date.parse("2026-11-22T12:12:30Z");
const HOUR_MS = 3_600_000;
const line = (minutes: number, oldest: number | null, slotMs = 60_000) => ({
  from: TO - minutes * 60_000,
  to: TO,
  slotMs,
  oldest: oldest === null ? null : instantAt(oldest),
});

test("a table that is seconds old can be gone through second by second, to its very beginning", () => {
  const oldest = TO - 5_554;
  expect(sliderSteps(line(20, oldest), oldest + 2_100)).toEqual({
    min: oldest,
    max: TO,
    stepMs: 1_000,
    value: oldest + 3_000,
  });
  expect(sliderSteps(line(20, oldest), oldest).value).toBe(oldest);
});

test("a day goes from slot to slot, or in more steps where slots are wide", () => {
  expect(sliderSteps(line(24 * 60, null), TO).stepMs).toBe(60_000);
  expect(sliderSteps(line(24 * 60, null, HOUR_MS), TO).stepMs).toBe((24 * HOUR_MS) / 200);
});

test("a moment beyond either end is told at that end", () => {
  const of = (viewedAt: number) => sliderSteps(line(60, null), viewedAt).value;
  expect([of(0), of(TO + HOUR_MS)]).toEqual([TO - HOUR_MS, TO]);
});
