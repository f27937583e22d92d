/** Waits for what cannot be awaited: a condition that another process makes true. */
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MS = 20;

/**
 * Looks until `probe` returns something other than null or false, and returns that.
 *
 * @param what ends the sentence "Waited 30 s in vain for …"
 * @param withinMs well beyond what a machine needs that has four times as much to do as it can
 * @throws when the deadline passes
 */
export async function until<T>(
  what: string,
  probe: () => Promise<T | null | false> | T | null | false,
  withinMs = 30_000,
): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const found = await probe();
    if (found !== null && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`Waited ${withinMs / 1000} s in vain for ${what}.`);
    await sleep(POLL_MS);
  }
}
