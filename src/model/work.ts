/** Long work in steps: a generator that yields wherever it may rest. Who runs it decides whether it does (`src/turns.ts`). */
export type Work<T> = Generator<undefined, T>;

/** Events between two places where work may rest. */
export const REST_EVERY = 100;

/** Without rest, for callers that have nobody beside them. */
export function atOnce<T>(work: Work<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}
