/**
 * Waiting and measuring spans, apart from the wall clock: a clock that steps back must not stall a loop. Tests and replays
 * bring their own.
 */
export interface Pace {
  /** Milliseconds since some fixed moment; never steps back. */
  elapsed(): number;
  /** Resolves after `ms`, or at once when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const realPace: Pace = {
  elapsed: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal.addEventListener("abort", end);
    }),
};
