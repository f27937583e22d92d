/** Pins where the tables are somebody else's: nothing is written beside them. */
import { AppError } from "../../model/app-error";
import type { FeedPins } from "../reader";

/** Lists nothing, and says why when it is asked to pin. */
export const noPins: FeedPins = {
  pins: () => [],
  refreshPins: () => Promise.resolve(),
  pin: () =>
    Promise.reject(
      new AppError(
        "read-only",
        "Pins are made beside tables that Weir writes: this one is followed (WEIR_WRITER=none).",
      ),
    ),
  unpin: () => Promise.reject(new AppError("not-found", "There are no pins beside a table that is followed.")),
};
