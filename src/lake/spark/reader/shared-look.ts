/** Something that changes by itself and is looked at on behalf of many: at most once in a while, all of them sharing the answer. */
import type { Clock } from "../../../clock";

export class SharedLook<T> {
  #known: { value: T; at: number } | null = null;
  #running: Promise<T> | null = null;
  /** The look after the running one. */
  #next: Promise<T> | null = null;
  /** Counts what was told from outside: an answer that was on its way then is older. */
  #told = 0;
  /** Counts what was forgotten: an answer that was on its way then may be of before. */
  #forgotten = 0;
  /** `#forgotten` when the running look began. */
  #began = 0;

  /**
   * @param ask is given what was known
   * @param everyMs an answer counts as new for so long
   */
  constructor(
    private readonly ask: (known: T | null) => Promise<T>,
    private readonly clock: Clock,
    private readonly everyMs: number,
  ) {}

  /** What is known, or a look when that is old. */
  get(): Promise<T> {
    const known = this.#known;
    if (known && Math.abs(this.clock.now() - known.at) < this.everyMs) return Promise.resolve(known.value);
    if (this.#running !== null && this.#began !== this.#forgotten) return this.again();
    return this.#running ?? this.#look();
  }

  /** A look that begins after this call; all who ask during one look share the next. */
  again(): Promise<T> {
    if (this.#running === null) return this.#look();
    const begin = () => {
      this.#next = null;
      return this.#look();
    };
    this.#next ??= this.#running.then(begin, begin);
    return this.#next;
  }

  /** Somebody who knows better than a look that is on its way. */
  tell(value: T): void {
    this.#told++;
    this.#known = { value, at: this.clock.now() };
  }

  /** The next call looks. */
  forget(): void {
    this.#forgotten++;
    if (this.#known) this.#known.at = -Infinity;
  }

  #look(): Promise<T> {
    const [told, began] = [this.#told, this.#forgotten];
    this.#began = began;
    const run = this.ask(this.#known?.value ?? null).then((value) => {
      if (told !== this.#told) return this.#known!.value;
      this.#known = { value, at: began === this.#forgotten ? this.clock.now() : -Infinity };
      return value;
    });
    this.#running = run;
    const done = () => {
      if (this.#running === run) this.#running = null;
    };
    run.then(done, done);
    return run;
  }
}
