/** Events in memory, in their order, until they are sent or written to the spool. */
import type { Outcome } from "./outcome.js";

export interface WaitingEvent {
  line: string;
  bytes: number;
  settle: (outcome: Outcome) => void;
}

export class WaitingEvents {
  #events: WaitingEvent[] = [];
  #bytes = 0;

  get count(): number {
    return this.#events.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(event: WaitingEvent): void {
    this.#events.push(event);
    this.#bytes += event.bytes;
  }

  /** The oldest, at least one if there is any, within both bounds. */
  take(maxEvents: number, maxBytes: number): WaitingEvent[] {
    let count = 0;
    let bytes = 0;
    for (const event of this.#events) {
      if (count === maxEvents || (count > 0 && bytes + event.bytes > maxBytes)) break;
      count += 1;
      bytes += event.bytes;
    }
    this.#bytes -= bytes;
    return this.#events.splice(0, count);
  }
}
