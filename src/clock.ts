/** Wall-clock time as an argument, so that tests and replays can step it. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Milliseconds since a moment that stays, whatever the clock is set to. A clock without it is never set to anything else. */
  elapsed?(): number;
}

export const systemClock: Clock = { now: () => Date.now(), elapsed: () => performance.now() };

/** Milliseconds since a moment that stays. */
export const elapsedOf = (clock: Clock): number => clock.elapsed?.() ?? clock.now();
