/**
 * Keeps the hours of one feed of attempts: rolls up what commits have touched where this process is the one that writes them, and
 * reads along where another does. It works beside the commits, never in their way: every few minutes, sooner when much has
 * changed, and it rests several times as long as it worked.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { Clock } from "../../clock";
import type { FeedReader } from "../../lake/reader";
import type { AttemptFields } from "../../model/attempt";
import type { Usual } from "../../model/usual/usual";
import type { HourStore } from "./hour-store";
import type { HourTable } from "./hour-table";
import { rollUp } from "./roll-up";

export interface HourPace {
  /** From when the source is shown to the first pass, ms. */
  soonMs: number;
  /** Between the beginnings of two passes, unless so many rows have changed. */
  everyMs: number;
  /** At least between the end of one and the beginning of the next. */
  leastMs: number;
  rows: number;
  /** So much longer than it works it rests, within a pass and after it. */
  rests: number;
}

export const HOUR_PACE: HourPace = { soonMs: 10_000, everyMs: 300_000, leastMs: 30_000, rows: 50_000, rests: 9 };
const RETRY_MS = 30_000;
/** What a pass takes without anybody noticing. */
const FREE_MS = 250;

export interface HourKeeperOptions {
  fields: AttemptFields;
  reader: FeedReader;
  store: HourStore;
  /** Whether this process is the one that computes; it may change. */
  isLeading: () => boolean;
  clock: Clock;
  log: Logger;
  pace?: HourPace;
}

export class HourKeeper {
  readonly #options: HourKeeperOptions;
  readonly #pace: HourPace;
  readonly #closing = new AbortController();
  readonly #closed = new Promise<void>((resolve) => {
    this.#closing.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  #rows = 0;
  #wake: () => void = () => undefined;
  #running: Promise<void> | null = null;
  #passes = 0;
  #told: (() => void)[] = [];
  /** Resolves when what is kept has been read once, or could not be. */
  readonly ready: Promise<void>;

  constructor(options: HourKeeperOptions) {
    this.#options = options;
    this.#pace = options.pace ?? HOUR_PACE;
    this.ready = this.#refresh();
  }

  get table(): HourTable {
    return this.#options.store.table;
  }

  get store(): HourStore {
    return this.#options.store;
  }

  usualAt(instantMs: number): Usual {
    return this.table.usualAt(instantMs);
  }

  /**
   * Begins to roll up. What it writes to must be open.
   *
   * @param shown resolves when the pages of the source can be shown: rolling up reads much, and they come first
   */
  start(shown: Promise<void>): void {
    this.#running ??= this.#run(shown);
  }

  /** A commit of the source; returns at once and never throws. */
  committed(rows: number): void {
    this.#rows += Math.max(1, rows);
    this.#wake();
  }

  /** Resolves after the next pass that begins from now on. */
  async nextPass(): Promise<void> {
    const wanted = this.#passes + (this.#isPassing ? 2 : 1);
    this.committed(this.#pace.rows);
    while (this.#passes < wanted && !this.#closing.signal.aborted)
      await new Promise<void>((resolve) => this.#told.push(resolve));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#wake();
    this.#tell();
    await Promise.all([this.ready, this.#running]);
  }

  #isPassing = false;

  async #run(shown: Promise<void>): Promise<void> {
    const { log, fields } = this.#options;
    await Promise.race([Promise.all([this.ready, shown]), this.#closed]);
    const { soonMs, everyMs, leastMs } = this.#pace;
    let due = performance.now() + soonMs;
    while (!this.#closing.signal.aborted) {
      await this.#untilDue(due);
      if (this.#closing.signal.aborted) return;
      due = performance.now() + everyMs;
      this.#rows = 0;
      this.#isPassing = true;
      try {
        await this.#refreshOnce();
        // What is staged is committed by the next process if this one may not wait for it.
        if (this.#options.isLeading()) await Promise.race([this.#pass(), this.#closed]);
      } catch (error) {
        if (this.#closing.signal.aborted) return;
        log.warn({ err: error, feed: fields.feed.name }, "hours could not be rolled up; it is tried again");
        this.#rows = Math.max(1, this.#rows);
        await this.#pause(RETRY_MS);
      }
      this.#isPassing = false;
      this.#passes++;
      this.#tell();
      await this.#pause(leastMs);
    }
  }

  async #pass(): Promise<void> {
    const { fields, reader, store, log } = this.#options;
    let free = FREE_MS;
    const rest = (workedMs: number) => {
      const beyond = Math.max(0, workedMs - free);
      free = Math.max(0, free - workedMs);
      return this.#pause(this.#pace.rests * beyond);
    };
    await rollUp({ fields, reader, store, log, signal: this.#closing.signal, rest });
  }

  /** A pass is due every few minutes, commits or not: what others commit is not announced. Much that is new does not wait. */
  async #untilDue(due: number): Promise<void> {
    while (!this.#closing.signal.aborted && this.#rows < this.#pace.rows) {
      const left = due - performance.now();
      if (left <= 0) return;
      await this.#idle(left);
    }
  }

  async #idle(ms: number): Promise<void> {
    const waking = new AbortController();
    this.#wake = () => waking.abort();
    await this.#pause(ms, waking.signal);
    this.#wake = () => undefined;
  }

  /** Until the time has passed, or what is waited for has come, or the end. */
  async #pause(ms: number, until?: AbortSignal): Promise<void> {
    if (ms <= 0) return;
    const signal = until ? AbortSignal.any([this.#closing.signal, until]) : this.#closing.signal;
    await sleep(ms, undefined, { signal, ref: false }).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  async #refresh(): Promise<void> {
    try {
      await this.#refreshOnce();
    } catch (error) {
      const { log, fields } = this.#options;
      log.warn({ err: error, feed: fields.feed.name }, "what is usual could not be read yet; it is tried again");
    }
  }

  #refreshOnce(): Promise<void> {
    return this.#options.store.refresh(this.#options.clock.now());
  }

  #tell(): void {
    const told = this.#told;
    this.#told = [];
    for (const resolve of told) resolve();
  }
}
