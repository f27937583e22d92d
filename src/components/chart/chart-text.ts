/** Numbers and times of charts, the same on the server and in the browser. */
import { bytesText, msText } from "~/model/table-health/amounts";
import { groupDigits } from "../ui/number-text";
import { durationText, exactTime, offsetOf, type Zone } from "../ui/time-text";
import type { ChartUnit } from "./chart-spec";

const SHORT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

/** On an axis. */
export function shortAmount(value: number, unit: ChartUnit): string {
  if (unit === "count") return SHORT.format(value);
  if (unit === "ms") return value < SECOND ? msText(value) : durationText(value).replace(".0 s", " s");
  return amountText(value, unit);
}

export function amountText(value: number, unit: ChartUnit): string {
  if (unit === "ms") return msText(value);
  if (unit === "bytes") return bytesText(value);
  if (unit === "share") return `${Number((value * 100).toPrecision(3))} %`;
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return groupDigits(String(value));
  return String(Number(value.toPrecision(6)));
}

/** As exact as the range needs. */
export function timeLabel(ms: number, start: number, end: number, zone: Zone): string {
  const text = exactTime(ms, zone);
  if (end - start > 2 * 86_400_000) return text.slice(0, 16);
  return end - start <= 600_000 ? text.slice(11, 19) : text.slice(11, 16);
}

const [SECOND, MINUTE, HOUR, DAY] = [1_000, 60_000, 3_600_000, 86_400_000] as const;
/** Between two marks of an axis of time: no more than 2.5 times the one before, so that there are always two. */
interface Step {
  /** About; exactly where it is not of months. */
  ms: number;
  months: number;
}
const MONTH_MS = 30.44 * DAY;
const STEPS: readonly Step[] = [
  ...[1, 2, 5, 10, 15, 30].map((count) => count * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((count) => count * MINUTE),
  ...[1, 2, 3, 6, 12].map((count) => count * HOUR),
  ...[1, 2, 3, 5, 7, 14].map((count) => count * DAY),
]
  .map((ms): Step => ({ ms, months: 0 }))
  .concat([1, 2, 3, 6, 12, 24, 60, 120, 240].map((months) => ({ ms: months * MONTH_MS, months })));
/** As many labels stand beside each other on a phone. */
const MOST_MARKS = 5;
/** Weeks begin with it; of 1970. */
const FIRST_MONDAY = 4 * DAY;

/**
 * Round moments of the zone's clock between two others, epoch ms, each as an axis names it: days by their date, months with their
 * year. Where no second begins between the two, their first.
 */
export function roundTimes(start: number, end: number, zone: Zone): { ms: number; text: string }[] {
  const step = STEPS.find(({ ms }) => (end - start) / ms < MOST_MARKS) ?? STEPS.at(-1)!;
  const marks = [];
  for (const wall of roundWalls(step, start + offsetOf(start, zone))) {
    const ms = momentOf(wall, zone);
    if (ms === null || ms < start) continue;
    if (ms > end) break;
    marks.push({ ms, text: markText(exactTime(ms, zone), wall % DAY === 0, step) });
  }
  return marks.length > 0 ? marks : [{ ms: start, text: markText(exactTime(start, zone), false, step) }];
}

/** What the clock shows at the marks from a time on, as if it were UTC. Without end. */
function* roundWalls({ ms, months }: Step, from: number): Generator<number> {
  if (months === 0) {
    for (let wall = Math.ceil((from - FIRST_MONDAY) / ms) * ms + FIRST_MONDAY; ; wall += ms) yield wall;
  }
  const date = new Date(from);
  const month = date.getUTCFullYear() * 12 + date.getUTCMonth();
  for (let next = Math.floor(month / months) * months; ; next += months)
    yield Date.UTC(Math.floor(next / 12), next % 12);
}

/** When a clock shows a time, the first time that it does. Null where it never did, because clocks were put forward over it. */
function momentOf(wall: number, zone: Zone): number | null {
  const [before, after] = [offsetOf(wall - DAY, zone), offsetOf(wall + DAY, zone)];
  for (const offset of [before, after]) if (offsetOf(wall - offset, zone) === offset) return wall - offset;
  // A day without midnight begins when its clocks were changed.
  return wall % DAY === 0 ? wall - before : null;
}

function markText(time: string, isMidnight: boolean, { ms, months }: Step): string {
  if (months > 0) return months % 12 === 0 ? time.slice(0, 4) : time.slice(0, 7);
  if (isMidnight) return time.slice(5, 10);
  return ms < MINUTE ? time.slice(11, 19) : time.slice(11, 16);
}

/** Durations of which the half is round too, as they are told. */
const NICE_MS = [
  ...[2, 4, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 4, 10, 20, 40, 60].map((count) => count * SECOND),
  ...[2, 4, 10, 20, 30, 60].map((count) => count * MINUTE),
  ...[2, 4, 8, 12, 24].map((count) => count * HOUR),
];

/** The next round number: 1, 2 or 5 times a power of ten; of durations, of the unit in which they are told. */
export function niceTop(most: number, unit: ChartUnit): number {
  if (unit === "ms") return NICE_MS.find((nice) => nice >= most) ?? niceTop(most / DAY, "count") * DAY;
  if (most <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 5, 10].map((factor) => factor * power).find((top) => top >= most)!;
}
