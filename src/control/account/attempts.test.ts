/** Counted by one process alone, as while the database is away. For all of them together: tests/control/attempts.test.ts. */
import { Registry } from "prom-client";
import { expect, it } from "vitest";
import { AppError } from "../../model/app-error";
import { silentLog } from "../../../tests/support/test-log";
import { Attempts } from "./attempts";
import { LONGEST_PAUSE_MS } from "./tries";

const AWAY = {
  control: {
    database: () => Promise.reject(new AppError("control-unavailable", "The database is away.")),
    explain: (error: unknown) => error,
  },
};

function attempts() {
  const clock = { time: Date.parse("2026-11-21T10:00:00Z"), now: () => clock.time };
  const tries = new Attempts({ clock, log: silentLog, metrics: new Registry() });
  /** Milliseconds to wait; 0 = the attempt is let through. */
  const wait = async (address: string | null, account: string | null): Promise<number> => {
    try {
      await tries.begin(AWAY, { address, account });
      return 0;
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "rate-limited") throw error;
      return error.details.retryAfterMs!;
    }
  };
  return { clock, tries, wait };
}

it("lets five guesses at an account through, then makes pauses that double up to a quarter of an hour", async () => {
  const { clock, wait } = attempts();
  const pauses = [];
  for (let guess = 0; guess < 5; guess++) expect(await wait(`192.0.2.${guess}`, "anna@example.org")).toBe(0);
  for (let guess = 0; guess < 12; guess++) {
    const pause = await wait("192.0.2.99", "ANNA@example.org");
    pauses.push(pause);
    clock.time += pause;
    expect(await wait(`198.51.100.${guess}`, "anna@example.org")).toBe(0);
  }
  expect(pauses.slice(0, 4)).toEqual([5_000, 10_000, 20_000, 40_000]);
  expect(pauses.at(-1)).toBe(LONGEST_PAUSE_MS);
});

it("counts an address that tries one account after the other", async () => {
  const { wait } = attempts();
  for (let guess = 0; guess < 20; guess++) expect(await wait("192.0.2.1", `person${guess}@example.org`)).toBe(0);
  expect(await wait("192.0.2.1", "another@example.org")).toBe(5_000);
  expect(await wait("192.0.2.2", "another@example.org")).toBe(0);
});

it("counts a network of IPv6 as one", async () => {
  const { wait } = attempts();
  for (let guess = 0; guess < 20; guess++) await wait(`2001:db8:0:1::${guess}`, `person${guess}@example.org`);
  expect(await wait("2001:db8:0:1:ffff::1", null)).toBe(5_000);
  expect(await wait("2001:db8:0:2::1", null)).toBe(0);
});

it("forgets what was guessed when it was right, and after an hour", async () => {
  const { clock, tries, wait } = attempts();
  for (let guess = 0; guess < 4; guess++) await wait("192.0.2.1", "anna");
  const wasRight = await tries.begin(AWAY, { address: "192.0.2.1", account: "anna" });
  await wasRight();
  for (let guess = 0; guess < 5; guess++) expect(await wait("192.0.2.1", "anna")).toBe(0);
  expect(await wait("192.0.2.1", "anna")).toBeGreaterThan(0);
  clock.time += 3_600_000;
  expect(await wait("192.0.2.1", "anna")).toBe(0);
});
