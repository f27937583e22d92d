import { expect, it } from "vitest";
import type { AppError } from "../../model/app-error";
import { Attempts, LONGEST_PAUSE_MS } from "./attempts";

function attempts() {
  const clock = { time: 1_000_000, now: () => clock.time };
  const tries = new Attempts(clock);
  const wait = (address: string, account: string | null): number => {
    try {
      tries.begin({ address, account });
      return 0;
    } catch (error) {
      return (error as AppError).details.retryAfterMs!;
    }
  };
  return { clock, tries, wait };
}

it("lets five guesses at an account through, then makes pauses that double up to a quarter of an hour", () => {
  const { clock, wait } = attempts();
  const pauses = [];
  for (let guess = 0; guess < 5; guess++) expect(wait(`192.0.2.${guess}`, "anna@example.org")).toBe(0);
  for (let guess = 0; guess < 12; guess++) {
    const pause = wait("192.0.2.99", "ANNA@example.org");
    pauses.push(pause);
    clock.time += pause;
    expect(wait(`198.51.100.${guess}`, "anna@example.org")).toBe(0);
  }
  expect(pauses.slice(0, 4)).toEqual([5_000, 10_000, 20_000, 40_000]);
  expect(pauses.at(-1)).toBe(LONGEST_PAUSE_MS);
});

it("counts an address that tries one account after the other", () => {
  const { wait } = attempts();
  for (let guess = 0; guess < 20; guess++) expect(wait("192.0.2.1", `person${guess}@example.org`)).toBe(0);
  expect(wait("192.0.2.1", "another@example.org")).toBe(5_000);
  expect(wait("192.0.2.2", "another@example.org")).toBe(0);
});

it("counts a network of IPv6 as one", () => {
  const { wait } = attempts();
  for (let guess = 0; guess < 20; guess++) wait(`2001:db8:0:1::${guess}`, `person${guess}@example.org`);
  expect(wait("2001:db8:0:1:ffff::1", null)).toBe(5_000);
  expect(wait("2001:db8:0:2::1", null)).toBe(0);
});

it("forgets what was guessed when it was right, and after an hour", () => {
  const { clock, tries, wait } = attempts();
  for (let guess = 0; guess < 4; guess++) wait("192.0.2.1", "anna");
  tries.begin({ address: "192.0.2.1", account: "anna" })();
  for (let guess = 0; guess < 5; guess++) expect(wait("192.0.2.1", "anna")).toBe(0);
  expect(wait("192.0.2.1", "anna")).toBeGreaterThan(0);
  clock.time += 3_600_000;
  expect(wait("192.0.2.1", "anna")).toBe(0);
});
