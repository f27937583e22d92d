/** What became of the events of a file: counted, and said line by line where it is not what was hoped for. */
import type { Outcome } from "../../publisher/outcome";
import { plainLine } from "../plain-text";

/** All were acknowledged; some were rejected or lost; the rest waits in the spool. */
export const EXIT = { acknowledged: 0, rejected: 1, spooled: 3 } as const;

const PROGRESS_MS = 500;

export class Tally {
  readonly #counts = { acknowledged: 0, spooled: 0, rejected: 0, lost: 0 };
  readonly #out: NodeJS.WriteStream;
  #shownAt = 0;
  #lastReason = "";
  #isCut = false;

  /** @param out a terminal gets progress too */
  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  add(place: string, outcome: Outcome, events = 1): void {
    this.#counts[outcome.state] += events;
    if (outcome.state === "rejected") {
      const field = outcome.field === null ? "" : `${outcome.field} `;
      this.#say(`${place}: ${plainLine(field + outcome.reason)}`);
    } else if (outcome.state !== "acknowledged") this.#lastReason = plainLine(outcome.reason);
    this.#progress();
  }

  /** The input was not read to its end. */
  stopped(place: string): void {
    this.#isCut = true;
    this.#say(`${place} and everything after it was not sent`);
  }

  /** Says how it went. @returns exit code */
  end(): number {
    const { acknowledged, spooled, rejected, lost } = this.#counts;
    const parts = [`${acknowledged} acknowledged`];
    if (rejected > 0) parts.push(`${rejected} rejected`);
    if (spooled > 0) parts.push(`${spooled} in the spool, to be sent the next time`);
    if (lost > 0) parts.push(`${lost} not sent`);
    const why = this.#lastReason === "" ? "" : ` (${this.#lastReason})`;
    this.#say(parts.join(", ") + why);
    return rejected + lost > 0 || this.#isCut ? EXIT.rejected : spooled > 0 ? EXIT.spooled : EXIT.acknowledged;
  }

  #say(sentence: string): void {
    this.#out.write(`${this.#out.isTTY ? "\r\x1b[K" : ""}${sentence}\n`);
  }

  #progress(): void {
    if (!this.#out.isTTY || Date.now() - this.#shownAt < PROGRESS_MS) return;
    this.#shownAt = Date.now();
    this.#out.write(`\r\x1b[K${this.#counts.acknowledged} acknowledged`);
  }
}
