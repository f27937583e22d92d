/**
 * Long work in short turns: a body of a quarter of a million events must not hold up everybody else's page while it is being
 * read, nor an hour of as many while it is rolled up (invariant 6).
 */
import { setImmediate } from "node:timers/promises";
import type { Work } from "./model/work";

const TURN_MS = 10;

/**
 * Gives way to others whenever a turn has lasted long enough.
 *
 * @param rest for work that nobody waits for: how it pauses after a turn of so many ms
 */
export async function inTurns<T>(work: Work<T>, rest?: (workedMs: number) => Promise<void>): Promise<T> {
  for (;;) {
    const startedAt = performance.now();
    do {
      const step = work.next();
      if (step.done) return step.value;
    } while (performance.now() - startedAt < TURN_MS);
    const workedMs = performance.now() - startedAt;
    await setImmediate();
    await rest?.(workedMs);
  }
}
