import { describe, expect, it } from "vitest";
import type { AppError } from "../../model/app-error";
import { Allowance, type Limits } from "./allowance";

const NOW = Date.parse("2026-11-21T23:59:50Z");
const UNBOUND: Limits = { requestsPerSecond: null, eventsPerSecond: null, eventsPerDay: null };
const allowance = (limits: Partial<Limits>, told: Parameters<Allowance["bind"]>[1] = null) => {
  const made = new Allowance();
  made.bind({ ...UNBOUND, ...limits }, told, NOW);
  return made;
};

/** Null = admitted, else after how many ms to come back. */
function wait(given: Allowance, now: number): number | null {
  try {
    given.admit(now);
    return null;
  } catch (error) {
    expect((error as AppError).code).toBe("rate-limited");
    return (error as AppError).details.retryAfterMs!;
  }
}

describe("requests per second", () => {
  it("may come at once, and then as fast as the bucket fills", () => {
    const two = allowance({ requestsPerSecond: 2 });
    expect([wait(two, NOW), wait(two, NOW), wait(two, NOW)]).toEqual([null, null, 500]);
    expect(wait(two, NOW + 499)).toBe(1);
    expect(wait(two, NOW + 500)).toBeNull();
    expect([wait(two, NOW + 60_000), wait(two, NOW + 60_000), wait(two, NOW + 60_000)]).toEqual([null, null, 500]);
  });

  it("are not given by a clock that steps back", () => {
    const one = allowance({ requestsPerSecond: 1 });
    expect(wait(one, NOW)).toBeNull();
    expect(wait(one, NOW - 3_600_000)).toBe(1_000);
    expect(wait(one, NOW - 3_600_000 + 1_000)).toBeNull();
  });

  it("go on where they were when the token is looked up again, and begin anew with another bound", () => {
    const one = allowance({ requestsPerSecond: 1 });
    wait(one, NOW);
    one.bind({ ...UNBOUND, requestsPerSecond: 1 }, null, NOW);
    expect(wait(one, NOW)).toBe(1_000);
    one.bind({ ...UNBOUND, requestsPerSecond: 3 }, null, NOW);
    expect(wait(one, NOW)).toBeNull();
  });
});

describe("events per second", () => {
  it("are charged when they are known, and what was too much is waited for", () => {
    const given = allowance({ eventsPerSecond: 100 });
    expect(wait(given, NOW)).toBeNull();
    given.spend(350, NOW);
    expect(wait(given, NOW)).toBe(2_510);
    expect(wait(given, NOW + 2_510)).toBeNull();
  });
});

describe("events per day", () => {
  it("end at midnight UTC, with those of other processes", () => {
    const given = allowance({ eventsPerDay: 1_000 }, { day: "2026-11-21", requests: 3, events: 900 });
    expect(wait(given, NOW)).toBeNull();
    given.spend(100, NOW);
    expect(wait(given, NOW + 1_000)).toBe(9_000);
    expect(wait(given, NOW + 10_000)).toBeNull();
  });

  it("are counted once while they are written", () => {
    const given = allowance({ eventsPerDay: 100 });
    wait(given, NOW);
    given.spend(60, NOW);
    expect(given.takePending()).toEqual({ day: "2026-11-21", requests: 1, events: 60 });
    expect(given.takePending()).toBeNull();
    given.told({ day: "2026-11-21", requests: 1, events: 60 });
    expect(wait(given, NOW)).toBeNull();
    given.spend(40, NOW);
    expect(wait(given, NOW)).not.toBeNull();
    given.giveBack({ day: "2026-11-21", requests: 1, events: 5 });
    expect(given.takePending()).toEqual({ day: "2026-11-21", requests: 2, events: 45 });
  });
});
