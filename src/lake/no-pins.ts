/** Pins of an engine that makes none. */
import { AppError } from "../model/app-error";
import type { FeedPins } from "./reader";

/** Lists nothing, and says why when it is asked to pin. */
export const noPins: FeedPins = {
  pins: () => [],
  pin: () =>
    Promise.reject(
      new AppError("read-only", "Pins are made with the embedded engine only, beside tables that Weir writes."),
    ),
  unpin: () => Promise.reject(new AppError("not-found", "There are no pins on this engine.")),
};
