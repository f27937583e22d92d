/** Time for pipelines: the machine's, or a clock of the recorder on which pauses pass at once. */
import { setTimeout as pass } from "node:timers/promises";

/** @typedef {{ now(): number, sleep(ms: number): Promise<void> }} LaneClock */

/** @param {AbortSignal} signal ends every pause with an AbortError @returns {LaneClock} */
export const machineClock = (signal) => ({ now: () => Date.now(), sleep: (ms) => pass(ms, undefined, { signal }) });

/**
 * Real work takes its real time on it; a pause moves it forward and takes none.
 * @param {number} startsAt epoch ms
 * @returns {LaneClock}
 */
export function recordingClock(startsAt) {
  const began = performance.now();
  let skippedMs = 0;
  return {
    now: () => Math.round(startsAt + skippedMs + performance.now() - began),
    sleep: async (ms) => {
      skippedMs += ms;
    },
  };
}
