/**
 * Sessions for reading, lent one statement stream at a time. They are opened when they are needed, at most `size` of them, and
 * kept: opening one costs some round trips and memory on the server that it gives back late.
 *
 * At the bound callers wait in the order in which they came, at most `maxWaiting` of them and `maxWaitMs` long; further ones
 * are told to come back. Whoever gives up while waiting leaves the queue at once.
 */
import type { Clock } from "../../../clock";
import { unavailable } from "./faults";
import type { SparkSession } from "./session";

export interface PoolOptions {
  size: number;
  maxWaiting: number;
  maxWaitMs: number;
  /** Sessions older than this are closed when they come back. */
  maxAgeMs: number;
  clock: Clock;
}

interface Slot {
  session: SparkSession | null;
  openedAt: number;
}

export interface Waiting {
  /** Callers without a session, and sessions that are lent. */
  readonly waiting: number;
  readonly lent: number;
}

export class SessionPool {
  readonly #free: Slot[];
  readonly #queue: { take: (slot: Slot) => void; refuse: (error: unknown) => void }[] = [];
  #lent = 0;
  #closed = false;

  constructor(
    private readonly open: () => Promise<SparkSession>,
    private readonly options: PoolOptions,
  ) {
    this.#free = Array.from({ length: options.size }, () => ({ session: null, openedAt: 0 }));
  }

  get load(): Waiting {
    return { waiting: this.#queue.length, lent: this.#lent };
  }

  /**
   * Lends a session to `work`.
   *
   * @throws AppError engine-unavailable when too many wait already, or the wait took too long; what opening a session throws
   */
  async lend<T>(work: (session: SparkSession) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const slot = await this.#take(signal);
    try {
      return await work(await this.#sessionOf(slot));
    } finally {
      this.#giveBack(slot);
    }
  }

  /** Sessions that nobody has are closed now, lent ones when they come back. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { refuse } of this.#queue.splice(0)) refuse(closed());
    await Promise.all(this.#free.map(async ({ session }) => session?.close()));
  }

  async #sessionOf(slot: Slot): Promise<SparkSession> {
    await slot.session?.idle();
    if (slot.session?.usable) return slot.session;
    slot.session = null;
    slot.session = await this.open();
    slot.openedAt = this.options.clock.now();
    return slot.session;
  }

  #take(signal?: AbortSignal): Promise<Slot> {
    if (this.#closed) return Promise.reject(closed());
    // The one that came back last: the others may grow old and be replaced.
    const slot = this.#free.pop();
    if (slot) {
      this.#lent++;
      return Promise.resolve(slot);
    }
    if (this.#queue.length >= this.options.maxWaiting) {
      return Promise.reject(unavailable(`${this.#queue.length} queries wait for Spark already: come back later.`));
    }
    return this.#wait(signal);
  }

  #wait(signal?: AbortSignal): Promise<Slot> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
      };
      const entry = {
        take: (slot: Slot) => {
          leave();
          resolve(slot);
        },
        refuse: (error: unknown) => {
          leave();
          const at = this.#queue.indexOf(entry);
          if (at !== -1) this.#queue.splice(at, 1);
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      };
      const onAbort = () => entry.refuse(signal!.reason);
      const seconds = this.options.maxWaitMs / 1000;
      const timer = setTimeout(
        () => entry.refuse(unavailable(`No session with Spark became free within ${seconds} s: come back later.`)),
        this.options.maxWaitMs,
      );
      signal?.addEventListener("abort", onAbort);
      this.#queue.push(entry);
    });
  }

  #giveBack(slot: Slot): void {
    const { clock, maxAgeMs } = this.options;
    const old = slot.session !== null && clock.now() - slot.openedAt > maxAgeMs;
    if (slot.session && (old || this.#closed)) {
      void slot.session.close(); // it waits for its statement's end; nobody waits for it
      slot.session = null;
    }
    const next = this.#queue.shift();
    if (next) next.take(slot);
    else {
      this.#lent--;
      this.#free.push(slot);
    }
  }
}

const closed = () => unavailable("The connection with Spark is closed.");
