/** Waits for what cannot be awaited: a condition that another process makes true. */
import { setTimeout as sleep } from "node:timers/promises";

/** At first; whoever has waited for long can wait a little longer, and each look costs whoever is looked at. */
const POLL_MS = 20;
const MOST_POLL_MS = 100;
/** Looked at again after this part of the time that has gone by. */
const PATIENCE = 0.15;

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
  const startedAt = Date.now();
  for (;;) {
    const found = await probe();
    if (found !== null && found !== false) return found;
    const waitedMs = Date.now() - startedAt;
    if (waitedMs > withinMs) throw new Error(`Waited ${withinMs / 1000} s in vain for ${what}.`);
    await sleep(Math.min(Math.max(POLL_MS, waitedMs * PATIENCE), MOST_POLL_MS));
  }
}
