/** Times as text. Everything is UTC and says so; relative ages take "now" as an argument. */

/** `2026-11-21 10:15:00.123Z`, which HTML also accepts as the machine-readable content of `<time>`. */
export function exactTime(ms: number): string {
  const iso = isoTime(ms);
  return iso === null ? String(ms) : `${iso.slice(0, 10)} ${iso.slice(11)}`;
}

/** ISO form for `datetime` attributes and URLs, null for a number that is no date. */
export function isoTime(ms: number): string | null {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}

/** `10:15:00` when it is of the same UTC day as `nowMs`, else `2026-11-20 10:15:00`. */
export function clockTime(ms: number, nowMs: number): string {
  const text = exactTime(ms);
  return text.slice(0, 10) === exactTime(nowMs).slice(0, 10) ? text.slice(11, 19) : text.slice(0, 19);
}

/** `0.4 s`, `12 s`, `4 min`, `3 h 05 min`, `2 d 4 h`: never more than two units, never negative. */
export function durationText(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 1) return `${seconds.toFixed(1)} s`;
  if (seconds < 10) return `${(Math.floor(seconds * 10) / 10).toFixed(1)} s`;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10 && Math.floor(seconds) % 60 > 0) return `${minutes} min ${Math.floor(seconds) % 60} s`;
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${String(minutes % 60).padStart(2, "0")} min`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days} d` : `${days} d ${hours % 24} h`;
}
