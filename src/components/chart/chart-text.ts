/** Numbers and times of charts, the same on the server and in the browser. */
import { bytesText, msText } from "~/model/table-health/amounts";
import { groupDigits } from "../ui/number-text";
import { durationText, exactTime, type Zone } from "../ui/time-text";
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
/** Durations of which the half is round too, as they are told. */
const NICE_MS = [
  ...[1, 2, 4, 10, 20, 40, 60].map((count) => count * SECOND),
  ...[2, 4, 10, 20, 30, 60].map((count) => count * MINUTE),
  ...[2, 4, 8, 12, 24].map((count) => count * HOUR),
];

/** The next round number: 1, 2 or 5 times a power of ten; of durations, of the unit in which they are told. */
export function niceTop(most: number, unit: ChartUnit): number {
  if (most <= 0) return 1;
  if (unit === "ms" && most > SECOND / 2) {
    const top = NICE_MS.find((nice) => nice >= most);
    return top ?? niceTop(most / DAY, "count") * DAY;
  }
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 5, 10].map((factor) => factor * power).find((top) => top >= most)!;
}
