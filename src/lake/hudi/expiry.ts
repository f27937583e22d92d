/** How old partitions of a day or hour are, and which of them a feed's retention lets go. */
import type { Feed } from "../../model/feed";
import type { Drop } from "./drops";

const UNIT_MS = { day: 86_400_000, hour: 3_600_000 } as const;

/** Epoch ms at which a partition's day or hour (`event_hour=2026-11-21-09`) ends; null for values that are neither. */
export function partitionEnd(partition: string): number | null {
  const match = /=(\d{4})-(\d{2})-(\d{2})(?:-(\d{2}))?$/.exec(partition);
  if (!match) return null;
  const [, year, month, day, hour] = match;
  const start = Date.parse(`${year}-${month}-${day}T${hour ?? "00"}:00:00Z`);
  return Number.isNaN(start) ? null : start + UNIT_MS[hour === undefined ? "day" : "hour"];
}

/** Rows of before this are past their time, epoch ms: the end of a day or hour, and never less than that of an earlier drop. */
export function expiredBefore(
  { granularity }: Feed,
  { now, retentionMs }: { now: number; retentionMs: number },
  drops: readonly Drop[],
): number {
  const unit = UNIT_MS[granularity];
  const end = Math.floor((now - retentionMs - 1) / unit) * unit;
  return Math.max(end, leftBefore(drops));
}

/** All that happened before it has left once, epoch ms. */
export const leftBefore = (drops: readonly Drop[]): number => Math.max(-Infinity, ...drops.map(({ before }) => before));

export function endsBy(partition: string, time: number): boolean {
  const end = partitionEnd(partition);
  return end !== null && end <= time;
}

/**
 * Which partitions go by one drop, the oldest first, and the time before which their rows leave by it: at most `most` of them beside
 * those that should be gone already (`last`), which it would say to have left in any case.
 *
 * @param all what ends by it may go
 */
export function nextToGo(
  partitions: readonly string[],
  { all, last, most }: { all: number; last: number; most: number },
): { partitions: string[]; before: number } {
  const past = partitions.filter((partition) => endsBy(partition, all)).sort();
  const late = past.filter((partition) => endsBy(partition, last)).length;
  const next = past.slice(0, late + most);
  return { partitions: next, before: next.length === past.length ? all : partitionEnd(next.at(-1)!)! };
}
