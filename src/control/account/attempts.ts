/**
 * How often somebody may try to sign in: a few wrong guesses at once, then after pauses that double. Counted by the address
 * that asks and by the account that is named, whether there is such an account or not.
 *
 * The count is in the database, so that it is of all processes and outlives them. While the database is away, or says nothing
 * in time, this process counts on by itself in memory: the secret of the server lets an admin in without a database, and that
 * is guessed at too. So it does with what a flood of guesses brings at once beyond a few: each that asks holds a connection, and
 * all that guess at one account wait for one row. Pauses of either count are served. Nothing but a sign-in ever waits for it.
 */
import pTimeout from "p-timeout";
import { Counter } from "prom-client";
import type { Clock } from "../../clock";
import type { Log } from "../../log";
import type { Metrics } from "../../metrics";
import { AppError } from "../../model/app-error";
import type { ControlContext } from "../context";
import type { ControlDb } from "../db/database";
import { clearAwayInDatabase, countInDatabase, takeBackInDatabase } from "./attempts-in-database";
import { counted, type AttemptKey, type Tries } from "./tries";
import { TriesByKey } from "./tries-by-key";

/** Questions of one process at one time, of the ten connections that it has for everything. */
const MOST_ASKED = 3;
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

interface Told extends Tries {
  /** When the database has said so, epoch ms. */
  at: number;
}

/** Where an attempt was counted. In both, maybe: what the database does after it was waited for in vain nobody knows. */
interface Counts {
  isHere: boolean;
  isThere: boolean;
}

export interface AttemptContext {
  control: Pick<ControlContext["control"], "database" | "explain">;
}

export class Attempts {
  /** What the database has said. */
  readonly #told = new TriesByKey<Told>();
  /** What was counted by this process alone. */
  readonly #here = new TriesByKey<Tries>();
  /** Questions under way, those too that nobody waits for any more: they hold a connection. */
  #asked = 0;
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
    const counts = await this.#count(ctx, keys).catch((error: unknown) => {
      this.#outcomes.inc({ outcome: "held-up" });
      throw error;
    });
    this.#outcomes.inc({ outcome: "tried" });
    return () => this.#wasRight(ctx, keys, counts);
  }

  async #count(ctx: AttemptContext, keys: readonly AttemptKey[]): Promise<Counts> {
    const now = this.#clock.now();
    this.#refuse(keys, now, ({ at }) => now >= at && now - at < TOLD_MS);
    const isThere = this.#asked < MOST_ASKED;
    const answer = isThere ? await this.#ask(ctx, (db) => countInDatabase(db, keys, now)) : null;
    if (answer === null) {
      this.#countHere(keys, now);
      return { isHere: true, isThere };
    }
    for (const [key, tries] of answer.tries) this.#told.keep(key, { ...tries, at: now });
    if (!answer.isCounted) this.#refuse(keys, now, () => true);
    this.#sweep(ctx, now);
    return { isHere: false, isThere };
  }

  /** Beside the attempt, which does not wait for it. */
  #sweep(ctx: AttemptContext, now: number): void {
    if (this.#asked >= MOST_ASKED || Math.abs(now - this.#sweptAt) < SWEEP_EVERY_MS) return;
    this.#sweptAt = now;
    void this.#ask(ctx, (db) => clearAwayInDatabase(db, now));
  }

  /** From whichever count is the higher. */
  #countHere(keys: readonly AttemptKey[], now: number): void {
    this.#refuse(keys, now, () => true);
    for (const { key, kind } of keys) {
      const [told, here] = [this.#told.find(key, now), this.#here.find(key, now)];
      const before = (here?.count ?? 0) < (told?.count ?? 0) ? told : here;
      this.#here.keep(key, counted(before, kind, now));
    }
  }

  /**
   * By what was counted here, whatever the database says: it does not know of that.
   *
   * @param goes whether what the database has said is to be believed still
   */
  #refuse(keys: readonly AttemptKey[], now: number, goes: (told: Told) => boolean): void {
    for (const { key } of keys) {
      const told = this.#told.find(key, now);
      const next = Math.max(this.#here.find(key, now)?.next ?? 0, told && goes(told) ? told.next : 0);
      if (now < next) throw tooMany(next - now);
    }
  }

  /**
   * The account is its owner's again; of the address only this attempt is taken back, for it may have guessed others, and only
   * where it was counted: elsewhere it would take back a guess.
   */
  async #wasRight(ctx: AttemptContext, keys: readonly AttemptKey[], { isHere, isThere }: Counts): Promise<void> {
    this.#outcomes.inc({ outcome: "right" });
    for (const { key, kind } of keys) {
      if (kind === "account") for (const known of [this.#told, this.#here]) known.forget(key);
      else if (isHere) this.#here.takeBack(key);
      else this.#told.takeBack(key);
    }
    const there = isThere ? keys : keys.filter(({ kind }) => kind === "account");
    await this.#ask(ctx, (db) => takeBackInDatabase(db, there));
  }

  /** Null when the database is away, or does not answer in time. Never rejects. */
  async #ask<T>({ control }: AttemptContext, work: (db: ControlDb) => Promise<T>): Promise<T | null> {
    this.#asked += 1;
    const answer = control
      .database(0)
      .then(work)
      .catch((error: unknown) => {
        const why = control.explain(error);
        if (!(why instanceof AppError))
          this.#log.error({ error }, "attempts to sign in are counted by this process alone");
        return null;
      })
      .finally(() => (this.#asked -= 1));
    return pTimeout(answer, { milliseconds: PATIENCE_MS, fallback: () => null });
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
