/** Why a stream ends before its time: whoever follows it may not any more. Reason of the signal that ends it. */
import type { Topic } from "./view";

export class AccessLost {
  /** @param topic what may no longer be followed; null = nothing may */
  constructor(readonly topic: Topic | null) {}
}
