/** The line of time that pages are moved along: commits and failures per slot, and how far back the past reaches. */
import type { Instant } from "./instant";

export interface TimeLine {
  /** What the line shows, epoch ms: `from` ≤ t < `to`. Both lie on the edges of slots. */
  from: number;
  to: number;
  slotMs: number;
  /** Commits per slot; null while they are still being counted. */
  commits: readonly number[] | null;
  /** Failed attempts per slot, by event time; null for a feed that knows no failures. */
  failures: readonly number[] | null;
  /** Failures before this are not known to the line: the hot window begins here. Null = all are known. */
  failuresFrom: number | null;
  /** The oldest instant that can be shown; null before the first commit, or while it is not known. */
  oldest: Instant | null;
  /** How long after its commit an instant can be shown, ms; null when that is not for Weir to say. */
  keptMs: number | null;
}

export interface TimeRange {
  from: number;
  to: number;
  slotMs: number;
}

/** What is counted by: the slots of every line are whole numbers of these. */
export const TICK_MS = 10_000;

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const SHORTEST_MS = 20 * MINUTE_MS;
const MOST_SLOTS = 120;
const SLOTS_MS = [1, 3, 6, 12, 30, 60, 90, 120].map((ticks) => ticks * TICK_MS);

/**
 * The day before now, less where the past is shorter; of a page of the past that is older than that, the day around it.
 *
 * @param viewedAt the moment that the page is of, null = now; epoch ms like all of them
 */
export function timeRange(now: number, viewedAt: number | null, oldestAt: number | null): TimeRange {
  const middle = viewedAt !== null && viewedAt < now - DAY_MS ? viewedAt : null;
  const to = middle === null ? now : Math.min(now, middle + DAY_MS / 2);
  // Of a pinned instant there is a page, though nothing else of its time is kept.
  const isKept = oldestAt !== null && (viewedAt === null || viewedAt >= oldestAt);
  const from = Math.min(Math.max(to - DAY_MS, isKept ? oldestAt : to - DAY_MS), to - SHORTEST_MS);
  const slotMs = SLOTS_MS.find((slot) => (to - from) / slot <= MOST_SLOTS) ?? SLOTS_MS.at(-1)!;
  return { from: Math.floor(from / slotMs) * slotMs, to: Math.ceil((to + 1) / slotMs) * slotMs, slotMs };
}

/** Sums what was counted per tick into the slots of a range. @param counts by tick = floor(ms / TICK_MS) */
export function slotCounts({ from, to, slotMs }: TimeRange, counts: ReadonlyMap<number, number>): number[] {
  const ticks = slotMs / TICK_MS;
  const first = from / TICK_MS;
  return Array.from({ length: (to - from) / slotMs }, (_, slot) => {
    let sum = 0;
    for (let i = 0; i < ticks; i++) sum += counts.get(first + slot * ticks + i) ?? 0;
    return sum;
  });
}
