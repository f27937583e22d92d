/**
 * Builds of past positions: few at once, because each reads a whole window, and few that wait for their turn. One too many is
 * told to come back (invariant 6).
 */
import { AppError } from "../model/app-error";

export class Builds {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(
    readonly mostAtOnce: number,
    readonly mostWaiting: number,
  ) {}

  /** @throws AppError engine-unavailable when too many wait already */
  async run<T>(build: () => Promise<T>): Promise<T> {
    if (this.#running < this.mostAtOnce) this.#running++;
    else await this.#turn();
    try {
      return await build();
    } finally {
      // The turn is handed on, so that nobody comes in between.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }

  #turn(): Promise<void> {
    const waiting = this.#waiting.length;
    if (waiting < this.mostWaiting) return new Promise((resolve) => this.#waiting.push(resolve));
    throw new AppError("engine-unavailable", `${waiting} pages of the past are waiting already: come back later.`, {
      retryAfterMs: 2_000,
    });
  }
}
