/**
 * How often somebody may try to sign in: a few wrong guesses at once, then after pauses that double. Counted by the address
 * that asks and by the account that is named, whether there is such an account or not.
 *
 * The count is in the database, so that it is of all processes and outlives them. While the database is away, or says nothing
 * in time, this process counts on by itself in memory: the secret of the server lets an admin in without a database, and that
 * is guessed at too. Nothing but a sign-in ever waits for it.
 */
import { Counter } from "prom-client";
import type { Clock } from "../../clock";
import type { Log } from "../../log";
import type { Metrics } from "../../metrics";
import { AppError } from "../../model/app-error";
import type { ControlContext } from "../context";
import type { ControlDb } from "../db/database";
import { clearAwayInDatabase, countInDatabase, takeBackInDatabase } from "./attempts-in-database";
import { counted, isOver, rightGuess, type AttemptKey, type Tries } from "./tries";

const MOST_KEPT = 20_000;
/** A database that says nothing is not waited for longer than this. */
const PATIENCE_MS = 1_000;
/** Whoever is told to wait is told from memory for so long: a flood of guesses is no flood of questions. */
const TOLD_MS = 1_000;
const SWEEP_EVERY_MS = 10_000;

export interface Guesser {
  address: string | null;
  /** Whatever names the account: an address, an id. Null = there is one for all. */
  account: string | null;
}

interface Known extends Tries {
  /** When the database has said so, epoch ms; null = it is counted here alone. */
  toldAt: number | null;
}

export interface AttemptContext {
  control: Pick<ControlContext["control"], "database" | "explain">;
}

export class Attempts {
  /** What this process knows; those that were counted longest ago come first. */
  readonly #known = new Map<string, Known>();
  #sweptAt = 0;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #outcomes: Counter<"outcome">;

  constructor({ clock, log, metrics }: { clock: Clock; log: Log; metrics: Metrics }) {
    this.#clock = clock;
    this.#log = log;
    this.#outcomes = new Counter({
      name: "weir_sign_in_attempts_total",
      help: "Attempts to sign in: tried, right, and held up because there were too many; what was tried and not right was wrong.",
      labelNames: ["outcome"],
      registers: [metrics],
    });
    for (const outcome of ["tried", "right", "held-up"]) this.#outcomes.inc({ outcome }, 0);
  }

  /**
   * Counts an attempt before it is made, so that many at once do not slip through.
   *
   * @returns to be called when it was right: it was no guess then. Never rejects
   * @throws AppError rate-limited with the time to wait
   */
  async begin(ctx: AttemptContext, guesser: Guesser): Promise<() => Promise<void>> {
    const keys = keysOf(guesser);
    await this.#count(ctx, keys).catch((error: unknown) => {
      this.#outcomes.inc({ outcome: "held-up" });
      throw error;
    });
    this.#outcomes.inc({ outcome: "tried" });
    return () => this.#wasRight(ctx, keys);
  }

  async #count(ctx: AttemptContext, keys: readonly AttemptKey[]): Promise<void> {
    const now = this.#clock.now();
    this.#refuse(keys, now, ({ toldAt }) => toldAt !== null && now >= toldAt && now - toldAt < TOLD_MS);
    const answer = await this.#ask(ctx, (db) => countInDatabase(db, keys, now));
    if (answer === null) this.#countHere(keys, now);
    else {
      for (const [key, tries] of answer.tries) this.#keep(key, { ...tries, toldAt: now });
      if (!answer.isCounted) this.#refuse(keys, now, () => true);
      this.#sweep(ctx, now);
    }
  }

  /** Beside the attempt, which does not wait for it. */
  #sweep(ctx: AttemptContext, now: number): void {
    if (Math.abs(now - this.#sweptAt) < SWEEP_EVERY_MS) return;
    this.#sweptAt = now;
    void this.#ask(ctx, (db) => clearAwayInDatabase(db, now));
  }

  #countHere(keys: readonly AttemptKey[], now: number): void {
    this.#refuse(keys, now, () => true);
    for (const { key, kind } of keys) this.#keep(key, { ...counted(this.#triesOf(key, now), kind, now), toldAt: null });
  }

  /** @param goes whether what is known of somebody is to be believed */
  #refuse(keys: readonly AttemptKey[], now: number, goes: (known: Known) => boolean): void {
    for (const { key } of keys) {
      const known = this.#triesOf(key, now);
      if (known && now < known.next && goes(known)) throw tooMany(known.next - now);
    }
  }

  /** The account is its owner's again; of the address only this attempt is taken back, for it may have guessed others. */
  async #wasRight(ctx: AttemptContext, keys: readonly AttemptKey[]): Promise<void> {
    this.#outcomes.inc({ outcome: "right" });
    for (const { key, kind } of keys) {
      const known = this.#known.get(key);
      const left = known && rightGuess(known, kind);
      if (left) this.#known.set(key, { ...left, toldAt: known.toldAt });
      else this.#known.delete(key);
    }
    await this.#ask(ctx, (db) => takeBackInDatabase(db, keys));
  }

  /** Null when the database is away, or does not answer in time. Never rejects. */
  async #ask<T>({ control }: AttemptContext, work: (db: ControlDb) => Promise<T>): Promise<T | null> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => (timer = setTimeout(resolve, PATIENCE_MS, null)));
    const answer = control
      .database(0)
      .then(work)
      .catch((error: unknown) => {
        const why = control.explain(error);
        if (!(why instanceof AppError))
          this.#log.error({ error }, "attempts to sign in are counted by this process alone");
        return null;
      });
    const first = await Promise.race([answer, late]);
    clearTimeout(timer);
    return first;
  }

  #triesOf(key: string, now: number): Known | undefined {
    const known = this.#known.get(key);
    if (known === undefined || !isOver(known, now)) return known;
    this.#known.delete(key);
    return undefined;
  }

  #keep(key: string, known: Known): void {
    this.#known.delete(key); // the newest come last
    this.#known.set(key, known);
    if (this.#known.size <= MOST_KEPT) return;
    const [oldest] = this.#known.keys();
    this.#known.delete(oldest!);
  }
}

const keysOf = ({ address, account }: Guesser): AttemptKey[] => [
  ...(address === null ? [] : [{ key: `address ${networkOf(address)}`, kind: "address" as const }]),
  ...(account === null ? [] : [{ key: `account ${account.toLowerCase().slice(0, 300)}`, kind: "account" as const }]),
];

/** With IPv6 one household has a whole /64. */
const networkOf = (address: string): string =>
  address.includes(":") && !address.includes(".") ? address.split(":").slice(0, 4).join(":") : address;

const tooMany = (waitMs: number): AppError =>
  new AppError("rate-limited", `There were too many attempts: try again in ${Math.ceil(waitMs / 1000)} s.`, {
    retryAfterMs: waitMs,
  });
