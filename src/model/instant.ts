/**
 * A Hudi instant: 17 digits `yyyyMMddHHmmssSSS` in UTC, compared as strings. It names a commit and, read as a time, is the
 * moment at which the commit was requested.
 */
export type Instant = string;

const INSTANT = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{3})$/;

export const isInstant = (text: string): boolean => INSTANT.test(text) && instantMs(text) !== null;

/** Epoch milliseconds to an instant. */
export const instantAt = (ms: number): Instant => new Date(ms).toISOString().replace(/[^0-9]/g, "");

/** Epoch milliseconds of an instant, or null when the digits are no date (month 13, hour 25). */
export function instantMs(instant: Instant): number | null {
  const match = INSTANT.exec(instant);
  if (!match) return null;
  const [, y, mo, d, h, mi, s, ms] = match;
  const time = Date.parse(`${y}-${mo}-${d}T${h}:${mi}:${s}.${ms}Z`);
  return Number.isNaN(time) || instantAt(time) !== instant ? null : time;
}

/** The time of an instant that is known to be one (it came from a timeline). Throws on anything else. */
export function timeOf(instant: Instant): number {
  const ms = instantMs(instant);
  if (ms === null) throw new Error(`Not an instant: ${JSON.stringify(instant)}`);
  return ms;
}

/** The next instant to hand out: the clock's, but never one that is not greater than the last (a clock may step back). */
export const nextInstant = (nowMs: number, last: Instant | null): Instant =>
  instantAt(last === null ? nowMs : Math.max(nowMs, timeOf(last) + 1));
