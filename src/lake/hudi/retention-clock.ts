/**
 * The time by which the past is let go. A clock that somebody sets far ahead would age a whole log at once, and what was deleted
 * then is not there again when the clock is mended: time is believed as it passes, and a leap only when it has lasted.
 */
import { elapsedOf, type Clock } from "../../clock";
import { timeOf } from "../../model/instant";
import type { HudiTable } from "./table";

/** Clocks are adjusted by less. */
export const LEAP_MS = 600_000;
/** What is wrong is noticed, or has mended itself, before a leap has lasted so long. */
export const LASTING_MS = 3_600_000;

export interface RetentionClockOptions {
  clock: Clock;
  /** When somebody last looked at a clock, epoch ms: the newest commit. Null = never: the clock is believed. */
  startAt: number | null;
  /** Called at the beginning of a leap that was seen to happen, with its length in ms; not when time passed while nothing ran. */
  onLeap?: (aheadMs: number) => void;
}

export class RetentionClock implements Clock {
  /** What was believed last, and what had elapsed then. */
  #believed: { time: number; elapsed: number };
  /** What had elapsed when the clock left the time that passes. */
  #leapedAt: number | null = null;

  constructor(private readonly options: RetentionClockOptions) {
    const { clock, startAt } = options;
    const time = clock.now();
    const elapsed = this.elapsed();
    // A clock that tests step was at the newest commit, wherever it is now.
    const isStepped = clock.elapsed === undefined;
    this.#believed = { time: isStepped || startAt === null ? time : startAt, elapsed };
    if (this.#aheadAt(time, elapsed) > LEAP_MS) this.#leapedAt = elapsed;
  }

  /** Epoch ms; behind the clock while it is ahead of the time that passed, for as long as a leap has to last. */
  now(): number {
    const time = this.options.clock.now();
    const elapsed = this.elapsed();
    const aheadMs = this.#aheadAt(time, elapsed);
    if (aheadMs <= LEAP_MS) {
      this.#leapedAt = null;
    } else if (this.#leapedAt === null) {
      this.#leapedAt = elapsed;
      this.options.onLeap?.(aheadMs);
    }
    if (this.#leapedAt !== null && elapsed - this.#leapedAt < LASTING_MS) return time - aheadMs;
    this.#leapedAt = null;
    this.#believed = { time, elapsed };
    return time;
  }

  elapsed(): number {
    return elapsedOf(this.options.clock);
  }

  /** How far the clock is ahead of what was believed and the time that passed since, ms. */
  #aheadAt(time: number, elapsed: number): number {
    return time - (this.#believed.time + (elapsed - this.#believed.elapsed));
  }
}

/** When the newest commit of any of the tables was made, epoch ms; null = there is none. */
export function newestTime(tables: readonly (HudiTable | null)[]): number | null {
  const heads = tables.flatMap((table) => table?.head ?? []).sort();
  return heads.length === 0 ? null : timeOf(heads.at(-1)!);
}
