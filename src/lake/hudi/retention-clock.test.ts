import fc from "fast-check";
import { expect, test } from "vitest";
import { LASTING_MS, LEAP_MS, RetentionClock } from "./retention-clock";

const NOON = Date.parse("2026-11-21T12:00:00Z");
const YEAR_MS = 365 * 86_400_000;

/** A machine whose clock can be set. */
function machine() {
  const state = { now: NOON, elapsed: 5 };
  const pass = (ms: number) => void ((state.now += ms), (state.elapsed += ms));
  const set = (now: number) => void (state.now = now);
  return { pass, set, clock: { now: () => state.now, elapsed: () => state.elapsed } };
}

test("the time of a clock that nobody sets is believed, whatever passes between two looks", () => {
  const { pass, clock } = machine();
  const aging = new RetentionClock({ clock, startAt: null });
  for (const ms of [0, 1_000, 30 * 86_400_000, YEAR_MS]) {
    pass(ms);
    expect(aging.now()).toBe(clock.now());
  }
});

test("what a clock that is set ahead says counts once it has lasted, and never when it is set back", () => {
  const { pass, set, clock } = machine();
  const leaps: number[] = [];
  const aging = new RetentionClock({ clock, startAt: NOON, onLeap: (ms) => leaps.push(ms) });
  set(NOON + YEAR_MS);
  expect(aging.now()).toBe(NOON);
  pass(LASTING_MS - 1);
  expect(aging.now()).toBe(NOON + LASTING_MS - 1);
  set(NOON + LASTING_MS);
  expect(aging.now()).toBe(NOON + LASTING_MS);
  set(NOON + YEAR_MS);
  aging.now();
  pass(LASTING_MS);
  expect(aging.now()).toBe(NOON + YEAR_MS + LASTING_MS);
  expect(leaps).toHaveLength(2);
});

test("time that passed while nothing ran counts once it has lasted, and nobody is warned of it", () => {
  const { pass, clock } = machine();
  const leaps: number[] = [];
  const aging = new RetentionClock({ clock, startAt: NOON - YEAR_MS, onLeap: (ms) => leaps.push(ms) });
  expect(aging.now()).toBe(NOON - YEAR_MS);
  pass(LASTING_MS);
  expect(aging.now()).toBe(clock.now());
  expect(leaps).toEqual([]);
});

test("commits of the future, made while the clock was ahead, do not make the clock of now a leap", () => {
  const { clock } = machine();
  expect(new RetentionClock({ clock, startAt: NOON + YEAR_MS }).now()).toBe(NOON);
});

test("it is never ahead of the clock, and no leap shorter than what has to last takes it along", () => {
  const steps = fc.array(fc.record({ passMs: fc.integer({ min: 0, max: 600_000 }), setMs: fc.integer() }), {
    maxLength: 50,
  });
  fc.assert(
    fc.property(steps, (taken) => {
      const { pass, set, clock } = machine();
      const aging = new RetentionClock({ clock, startAt: NOON });
      let passed = 0;
      for (const { passMs, setMs } of taken) {
        pass(passMs);
        passed += passMs;
        const right = clock.now();
        set(right + Math.abs(setMs));
        expect(aging.now()).toBeLessThanOrEqual(NOON + passed + LEAP_MS);
        set(right);
        expect(aging.now()).toBeLessThanOrEqual(right);
      }
    }),
  );
});
