/** Where the slider of time begins and ends, and its steps between. */
import { timeOf } from "~/model/instant";
import type { TimeLine } from "~/model/time-line";

/** From slot to slot, and in shorter steps, down to a second, where there are few slots. */
const LEAST_STEPS = 200;
const SECOND_MS = 1_000;

export interface SliderSteps {
  /** Epoch ms, as are `max` and `value`. */
  min: number;
  max: number;
  stepMs: number;
  value: number;
}

/** @param viewedAt the moment that the page is of, epoch ms */
export function sliderSteps(
  { from, to, slotMs, oldest }: Pick<TimeLine, "from" | "to" | "slotMs" | "oldest">,
  viewedAt: number,
): SliderSteps {
  // The first slot begins before the oldest instant, where nothing can be shown.
  const min = oldest === null ? from : Math.max(from, timeOf(oldest));
  const stepMs = Math.min(slotMs, Math.max(SECOND_MS, Math.floor((to - min) / LEAST_STEPS)));
  const steps = Math.floor((to - min) / stepMs);
  // Never before the moment itself: what it is of might be the oldest that there is.
  const value = min + Math.min(Math.max(Math.ceil((viewedAt - min) / stepMs), 0), steps) * stepMs;
  return { min, max: to, stepMs, value };
}
