/** How often a problem failed lately, as bars: the newest slot at the right. Its words are for those who hear it. */
import { trendAt, type Problem } from "~/model/problem";

const STEP = 6;
const HEIGHT = 16;

/** @param now epoch ms */
export function trendMarkup(problem: Pick<Problem, "trend" | "lastSeen">, now: number): string {
  const slots = trendAt(problem, now);
  const most = Math.max(1, ...slots);
  let bars = "";
  for (const [i, count] of slots.entries()) {
    const x = i * STEP + STEP / 2;
    if (count > 0) bars += `M${x} ${HEIGHT}v-${Math.max(3, Math.round((count / most) * (HEIGHT - 2)))}`;
  }
  const all = slots.reduce((sum, count) => sum + count, 0);
  return `<svg class=trend viewBox="0 0 ${slots.length * STEP} ${HEIGHT}" role=img aria-label="${all} in 2 hours"><path d="M0 15.5h${slots.length * STEP}"/><path class=bad d="${bars}"/></svg>`;
}
