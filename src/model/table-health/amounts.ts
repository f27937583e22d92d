/** Numbers of checks as people read them. */
import { timeOf, type Instant } from "../instant";

/** `840 ms`, `1.4 s`, `42 s`, `12 min`, `3.5 h`, `2.1 d`. */
export function msText(ms: number): string {
  const size = Math.abs(ms);
  if (size < 1_000) return `${Math.round(ms)} ms`;
  if (size < 10_000) return `${(ms / 1_000).toFixed(1)} s`;
  if (size < 120_000) return `${Math.round(ms / 1_000)} s`;
  if (size < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  if (size < 172_800_000) return `${(ms / 3_600_000).toFixed(1)} h`;
  return `${(ms / 86_400_000).toFixed(1)} d`;
}

/** `2026-11-21 10:15 UTC`. */
export const minuteText = (instant: Instant): string =>
  `${new Date(timeOf(instant)).toISOString().slice(0, 16).replace("T", " ")} UTC`;

const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

/** `640 B`, `1.2 MB`: powers of a thousand. */
export function bytesText(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (Math.abs(value) >= 1_000 && unit < BYTE_UNITS.length - 1) [value, unit] = [value / 1_000, unit + 1];
  return `${unit === 0 || Math.abs(value) >= 100 ? Math.round(value) : value.toFixed(1)} ${BYTE_UNITS[unit]!}`;
}

/** `12,480`. */
export const countText = (count: number): string => String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ",");

/** `1 file`, `2 files`. */
export const countOf = (count: number, one: string, many = `${one}s`): string =>
  `${countText(count)} ${count === 1 ? one : many}`;

export const percentText = (share: number): string => `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;

/** `12×`, `1.4×`. */
export const factorText = (factor: number): string => `${factor >= 10 ? countText(factor) : factor.toFixed(1)}×`;
