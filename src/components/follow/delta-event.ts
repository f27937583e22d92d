/** How what stands beside a list hears of what the list's stream brings: an event on the document, of its one stream. */
import type { ViewDelta } from "~/model/delta";

export const DELTA_EVENT = "weir:delta";

export interface DeltaDetail {
  topic: string;
  delta: ViewDelta;
}
