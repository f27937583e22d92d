/** Where the followers of feeds ask what is usual. */
import type { Usual } from "../model/usual/usual";
import { NOTHING_USUAL } from "../model/usual/usual";

export interface UsualSource {
  /**
   * For a position whose commit is of this time: the same for the same position, whoever asks, once it is ready. The same object
   * while it is the same.
   */
  usualAt(instantMs: number): Usual;
  /** Resolves when what was kept has been read, or could not be. Never rejects. */
  readonly ready: Promise<void>;
}

/** Of feeds that nothing is remembered of. */
export const NO_USUAL: UsualSource = { usualAt: () => NOTHING_USUAL, ready: Promise.resolve() };
