/**
 * Times as text, in the zone that the reader chose (UTC unless told); relative ages take "now" as an argument. One place for
 * the server's markup and the browser's patches, so that they cannot differ.
 */
import { decimalText } from "./number-text";

/** IANA name of a zone. */
export type Zone = string;
export const UTC: Zone = "UTC";

/** `2026-11-21 10:15:00.123Z`, elsewhere `2026-11-21 11:15:00.123+01:00`, which HTML also accepts in `<time>`. */
export function exactTime(ms: number, zone: Zone = UTC): string {
  const offset = zone === UTC ? 0 : offsetOf(ms, zone);
  const text = dateAndTime(ms + offset);
  return text === null ? String(ms) : `${text}${zone === UTC ? "Z" : offsetText(offset)}`;
}

const MOST_MINUTES = 4_096;
/** `2026-11-21 10:15:` by minutes since 1970: a page has thousands of times within few minutes, and dates are slow. */
const minutes = new Map<number, string>();

/** `2026-11-21 10:15:00.123` of a time in UTC; null for a number that is no date. */
function dateAndTime(ms: number): string | null {
  const whole = Math.trunc(ms);
  const minute = Math.floor(whole / MINUTE_MS);
  let text = minutes.get(minute);
  if (text === undefined) {
    const iso = isoTime(whole);
    if (iso === null) return null;
    text = iso.slice(0, -7).replace("T", " ");
    if (minutes.size >= MOST_MINUTES) minutes.clear();
    minutes.set(minute, text);
  }
  const digits = String(100_000 + (whole - minute * MINUTE_MS)); // `112345` for 12.345 s
  return `${text}${digits.slice(1, 3)}.${digits.slice(3)}`;
}

/** ISO form in UTC for `datetime` attributes and URLs, null for a number that is no date. */
export function isoTime(ms: number): string | null {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

/** `10:15:00` when it is of the same day as `nowMs`, else `2026-11-20 10:15:00`. */
export function clockTime(ms: number, nowMs: number, zone: Zone = UTC): string {
  const text = exactTime(ms, zone);
  return text.slice(0, 10) === exactTime(nowMs, zone).slice(0, 10) ? text.slice(11, 19) : text.slice(0, 19);
}

/** `10:02` of today, else `11-20 10:02`: for lists, where what it leads to has it exactly. */
export const shortTime = (ms: number, nowMs: number, zone: Zone = UTC): string =>
  clockTime(ms, nowMs, zone)
    .slice(0, -3)
    .replace(/^\d{4}-/, "");

const HOUR_MS = 3_600_000;
const MOST_HOURS = 4_096;
/** A page has thousands of times within few hours, and asking for an offset costs more than all the rest. */
const known = new Map<string, number>();
const formats = new Map<Zone, Intl.DateTimeFormat>();

/** How far a zone is before UTC at a moment, ms. An hour in which it changes is not remembered. */
export function offsetOf(ms: number, zone: Zone): number {
  const hour = Math.floor(ms / HOUR_MS);
  const key = `${zone} ${hour}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const offset = askOffset(hour * HOUR_MS, zone);
  if (offset !== askOffset((hour + 1) * HOUR_MS, zone)) return askOffset(ms, zone);
  if (known.size >= MOST_HOURS) known.clear();
  known.set(key, offset);
  return offset;
}

function askOffset(ms: number, zone: Zone): number {
  if (isoTime(ms) === null) return 0;
  let format = formats.get(zone);
  if (!format)
    formats.set(zone, (format = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "longOffset" })));
  const name = format.formatToParts(ms).find(({ type }) => type === "timeZoneName")?.value ?? "";
  const [, sign, hours = "0", minutes = "0", seconds = "0"] = /GMT([+-])(\d+):(\d+)(?::(\d+))?/.exec(name) ?? [];
  return (sign === "-" ? -1 : 1) * ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1_000;
}

function offsetText(offset: number): string {
  const minutes = Math.round(Math.abs(offset) / 60_000);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${offset < 0 ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** How long something has been so: `42 s`, `4 min`, `3 h 05 min`. Nobody reads seconds beside minutes that pass. */
export const ageText = (ms: number): string =>
  ms < MINUTE_MS ? `${Math.floor(Math.max(0, ms) / 1_000)} s` : durationText(ms - (ms % MINUTE_MS));

const MINUTE_MS = 60_000;

/** `0.4 s`, `12 s`, `4 min`, `3 h 05 min`, `2 d 4 h`: never more than two units, never negative. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 1) return `${decimalText(seconds.toFixed(1))} s`;
  if (seconds < 10) return `${decimalText((Math.floor(seconds * 10) / 10).toFixed(1))} s`;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10 && Math.floor(seconds) % 60 > 0) return `${minutes} min ${Math.floor(seconds) % 60} s`;
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${String(minutes % 60).padStart(2, "0")} min`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
}
