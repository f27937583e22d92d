/** A recording as steps of time: its events moved so that the newest lies at a given moment, gathered into commits. */
import type { Feed } from "../model/feed";
import type { Row } from "../model/value";

export interface Step {
  /** When this part of the recording arrives, epoch ms. */
  at: number;
  rows: Row[];
}

/** Commits that a recording is cut into at most: a day gets one for every quarter of an hour, and is replayed in seconds. */
const MOST_STEPS = 96;

/**
 * Moves every timestamp of the rows by the same amount, so that the greatest ordering value becomes `ending`, and cuts the
 * rows into steps of equal length in the order of their ordering values.
 *
 * @param rows in any order; the feed's ordering field is a timestamp in ms
 */
export function stepsOf(feed: Feed, rows: readonly Row[], ending: number): Step[] {
  if (rows.length === 0) return [];
  const times = feed.fields.flatMap(({ type }, i) => (type.kind === "timestamp" && type.unit === "millis" ? [i] : []));
  const arrival = (row: Row) => row[feed.ordering] as number;
  const sorted = rows.toSorted((a, b) => arrival(a) - arrival(b));
  const oldest = arrival(sorted[0]!);
  const newest = arrival(sorted.at(-1)!);
  const stepMs = Math.max(1_000, Math.ceil((newest - oldest + 1) / MOST_STEPS));
  const shift = ending - newest;
  const steps = new Map<number, Step>();
  for (const row of sorted) {
    const number = Math.floor((arrival(row) - oldest) / stepMs);
    const step = steps.get(number) ?? { at: Math.min(oldest + (number + 1) * stepMs, newest) + shift, rows: [] };
    steps.set(number, step);
    step.rows.push(row.map((value, i) => (times.includes(i) && typeof value === "number" ? value + shift : value)));
  }
  return [...steps.values()];
}
