/** A figure of now beside what is usual, as markup: the figure first, then how much it differs, in a sign and in words. */
import type { Count } from "~/model/attempt";
import { groupDigits } from "../ui/number-text";
import { durationText } from "../ui/time-text";

/** Less than this is how things are. */
const NOTABLE = 1.5;

export type Figure = "duration" | "rows";

/** Empty when nothing is known. */
export function againstUsual(figure: Figure, now: Count | null, usual: number | null): string {
  if (now === null) return usual === null ? "" : `<span class="muted">usual ${textOf(figure, usual)}</span>`;
  const shown = `<b>${textOf(figure, now)}</b>`;
  if (usual === null) return shown;
  return `${shown} ${difference(figure, Number(now), usual)}<span class="muted usual">usual ${textOf(figure, usual)}</span>`;
}

const textOf = (figure: Figure, value: Count | number): string =>
  figure === "duration"
    ? durationText(Number(value))
    : groupDigits(typeof value === "string" ? value : String(Math.round(value)));

/** Longer and fewer are what somebody should look at; shorter and more are told without alarm. */
function difference(figure: Figure, now: number, usual: number): string {
  if (usual <= 0) return "";
  const ratio = now / usual;
  if (ratio < NOTABLE && ratio > 1 / NOTABLE) return "";
  const isMore = ratio > 1;
  const isBad = isMore === (figure === "duration");
  const words = isMore ? `${timesText(ratio)} ×` : now === 0 ? "none" : `1/${timesText(1 / ratio)}`;
  return `<span class="${isBad ? "wait" : "muted"} diff">${isMore ? "▲" : "▼"} ${words}</span> `;
}

const timesText = (ratio: number): string => (ratio >= 10 ? groupDigits(String(Math.round(ratio))) : ratio.toFixed(1));
