/**
 * A short wait for what a page can do without. Once it was in vain nobody waits any more, until what was asked for has come: on
 * an engine that takes a while each page would be held up by it, one after the other.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import pTimeout from "p-timeout";

export class ShortWait {
  /** Answers that are still on their way after they were waited for. */
  #late = 0;

  /** @param ms the longest that anybody waits */
  constructor(private readonly ms: number) {}

  /** @returns undefined when it takes longer, or fails, which is then told when the thing itself is read */
  async for<T>(asked: Promise<T>): Promise<T | undefined> {
    const answer = asked.catch(() => undefined);
    if (this.#late > 0) return Promise.race([answer, nextTurn(undefined)]);
    const fallback = () => {
      this.#late += 1;
      void answer.then(() => (this.#late -= 1));
      return undefined;
    };
    return pTimeout(answer, { milliseconds: this.ms, fallback });
  }
}
