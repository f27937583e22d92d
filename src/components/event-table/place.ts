/** Where a row stands on the page: event time descending, then key ascending. */
import { compareText } from "~/model/value";

export interface Place {
  /** Epoch ms. */
  time: number;
  key: string;
}

/** Negative when `a` stands above `b`. */
export const comparePlaces = (a: Place, b: Place): number => b.time - a.time || compareText(a.key, b.key);

/**
 * Index of the first of `count` ordered entries that stands after `place`; `count` when none does. An entry without place
 * (an empty block of rows) counts as standing before everything.
 */
export function firstAfter(count: number, placeAt: (index: number) => Place | null, place: Place): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    const at = placeAt(middle);
    if (at !== null && comparePlaces(at, place) > 0) high = middle;
    else low = middle + 1;
  }
  return low;
}
