/**
 * Long work in short turns: a body of a quarter of a million events must not hold up everybody else's page while it is being
 * read (invariant 6). Work is a generator that yields wherever it may rest.
 */
import { setImmediate } from "node:timers/promises";

export type Work<T> = Generator<undefined, T>;

const TURN_MS = 10;
/** Events between two looks at the time. */
export const REST_EVERY = 100;

/** Gives way to others whenever a turn has lasted long enough. */
export async function inTurns<T>(work: Work<T>): Promise<T> {
  for (;;) {
    const startedAt = performance.now();
    do {
      const step = work.next();
      if (step.done) return step.value;
    } while (performance.now() - startedAt < TURN_MS);
    await setImmediate();
  }
}

/** Without rest, for callers that have nobody beside them. */
export function atOnce<T>(work: Work<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}
