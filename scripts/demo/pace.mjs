/** Holds senders to a rate: a bucket that fills with time and holds a second's worth. */
export class Pace {
  #perMs;
  #clock;
  #full;
  #tokens;
  #filledAt;
  #turn = Promise.resolve();

  /** @param {number} perSecond @param {import("./clocks.mjs").LaneClock} clock */
  constructor(perSecond, clock) {
    this.#perMs = perSecond / 1000;
    this.#clock = clock;
    this.#full = Math.max(1, perSecond);
    this.#tokens = this.#full;
    this.#filledAt = clock.now();
  }

  /** Resolves when the caller may send one more; callers have their turn in the order in which they came. */
  take() {
    const turn = this.#turn.then(() => this.#takeOne());
    this.#turn = turn.catch(() => {
      // The caller gets the error of its own turn; the next one must not inherit it.
    });
    return turn;
  }

  async #takeOne() {
    const now = this.#clock.now();
    this.#tokens = Math.min(this.#full, this.#tokens + (now - this.#filledAt) * this.#perMs);
    this.#filledAt = now;
    this.#tokens -= 1;
    if (this.#tokens < 0) await this.#clock.sleep(-this.#tokens / this.#perMs);
  }
}
