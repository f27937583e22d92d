/**
 * What people decide is kept here, in Postgres. The rest of the program works without it: pages and streams carry on while it
 * starts or is away, only what has to be kept is refused, with the time to come back.
 *
 * It is `starting` until it was opened once, `ready` while it answers, and `away` with the reason otherwise. It comes back by
 * itself: while it is away it is opened again, at first quickly, then every ten seconds, migrations included, because it may be
 * another server that answers. Only a database that a newer program has migrated stays away until a restart.
 */
import { ExponentialBackoff, handleWhen, retry } from "cockatiel";
import { sql } from "drizzle-orm";
import type { Clock } from "../clock";
import type { Log } from "../log";
import type { Metrics } from "../metrics";
import { Gauge } from "prom-client";
import { AppError } from "../model/app-error";
import type { ControlDb, Database } from "./db/database";
import { awayReason } from "./db/faults";
import { migrateDatabase, NewerDatabase } from "./db/migrate";
import { revisionOf } from "./db/revision";
import { DecidedAnswers } from "./decided-answers";

export type ControlState = { kind: "starting" } | { kind: "ready" } | { kind: "away"; reason: string; since: number };

export interface ControlPlaneOptions {
  /** @param onLost to be told when a connection ended that nobody was using */
  open: (onLost: (error: Error) => void) => Promise<Database>;
  migrationsFolder: string;
  /** Whether other processes write to it too. */
  isShared: boolean;
  /** How long after the start it is opened when nobody asks for it before, ms. */
  settleMs: number;
  /** Not before this has resolved either, unless somebody asks. Never rejects. */
  after?: Promise<void>;
  /** How often it is asked for a sign of life, ms; null = never. */
  probeMs: number | null;
  clock: Clock;
  log: Log;
  metrics: Metrics;
}

const RETRY_FIRST_MS = 250;
const RETRY_LONGEST_MS = 10_000;
const RETRY_AFTER_MS = 5_000;

export class ControlPlane {
  /** What was asked before. */
  readonly kept: DecidedAnswers;
  #state: ControlState = { kind: "starting" };
  #database: Database | null = null;
  /** Resolves when it was opened, or cannot be. Null before anybody asked for it and while it is open. */
  #opening: Promise<void> | null = null;
  /** Wakes those who wait for the first opening. */
  #waiting: (() => void)[] = [];
  readonly #ended = new AbortController();
  readonly #settle: NodeJS.Timeout;
  readonly #probe: NodeJS.Timeout | null;

  constructor(private readonly options: ControlPlaneOptions) {
    this.kept = new DecidedAnswers(options.isShared ? () => this.#revision() : null);
    this.#settle = setTimeout(() => void this.#beginAfter(options.after), options.settleMs);
    this.#settle.unref();
    this.#probe = options.probeMs === null ? null : setInterval(() => void this.#lookAlive(), options.probeMs);
    this.#probe?.unref();
    const state = new Gauge({
      name: "weir_control_state",
      help: "1 for what the control plane is: starting, ready or away.",
      labelNames: ["state"],
      registers: [options.metrics],
      collect: () => {
        for (const kind of ["starting", "ready", "away"] as const)
          state.set({ state: kind }, this.#state.kind === kind ? 1 : 0);
      },
    });
  }

  get state(): ControlState {
    return this.#state;
  }

  get isClosed(): boolean {
    return this.#ended.signal.aborted;
  }

  /**
   * The database, for what must not wait for a start that takes a while longer than `patienceMs`.
   *
   * @throws AppError control-unavailable
   */
  async database(patienceMs: number): Promise<ControlDb> {
    if (this.#database === null && this.#state.kind === "starting" && !this.#ended.signal.aborted) {
      this.#begin();
      await this.#opened(patienceMs);
    }
    if (this.#database === null) throw this.#unavailable();
    return this.#database.db;
  }

  /** Turns an error of a query into `control-unavailable` when the database is gone, and begins to look for it. */
  explain(error: unknown): unknown {
    const reason = awayReason(error);
    if (reason === null) return error;
    this.#lost(error, reason);
    return this.#unavailable(error);
  }

  async close(): Promise<void> {
    this.#ended.abort();
    clearTimeout(this.#settle);
    if (this.#probe) clearInterval(this.#probe);
    this.#wake();
    await this.#opening;
    await this.#database?.close();
    this.#database = null;
  }

  async #beginAfter(others: Promise<void> | undefined): Promise<void> {
    await others;
    this.#begin();
  }

  #begin(): void {
    clearTimeout(this.#settle);
    if (this.#opening !== null || this.#database !== null || this.#ended.signal.aborted) return;
    this.#opening = this.#openUntilDone().finally(() => {
      this.#opening = null;
      this.#wake();
    });
  }

  /** Never rejects: what cannot be mended is the state. */
  async #openUntilDone(): Promise<void> {
    const { signal } = this.#ended;
    const again = retry(
      handleWhen((error) => !(error instanceof NewerDatabase) && !signal.aborted),
      {
        maxAttempts: Infinity,
        backoff: new ExponentialBackoff({ initialDelay: RETRY_FIRST_MS, maxDelay: RETRY_LONGEST_MS }),
      },
    ).dangerouslyUnref();
    again.onFailure(({ reason }) => this.#tellAway("error" in reason ? reason.error : new Error("no answer")));
    const opened = again.execute(() => this.#openOnce());
    // The pause between two attempts is not waited for by whoever closes.
    await Promise.race([opened.catch(() => undefined), aborted(signal)]);
  }

  async #openOnce(): Promise<void> {
    if (this.#ended.signal.aborted) return;
    const startedAt = performance.now();
    const database = await this.options.open((error) => this.#lost(error, error.message));
    try {
      await migrateDatabase(database.pool, this.options.migrationsFolder);
    } catch (error) {
      await database.close();
      throw error;
    }
    if (this.#ended.signal.aborted) return database.close();
    this.#database = database;
    this.kept.changed();
    this.#state = { kind: "ready" };
    this.options.log.info({ ms: Math.round(performance.now() - startedAt) }, "the control plane is open");
  }

  #tellAway(error: unknown): void {
    if (this.#ended.signal.aborted) return;
    const reason = awayReason(error) ?? (error instanceof Error ? error.message : String(error));
    const { state } = this;
    const isNews = state.kind !== "away" || state.reason !== reason;
    this.#state = { kind: "away", reason, since: state.kind === "away" ? state.since : this.options.clock.now() };
    if (isNews) this.options.log.error({ error }, "the control plane is away");
    this.#wake();
  }

  #lost(error: unknown, reason: string): void {
    const lost = this.#database;
    if (lost === null || this.#ended.signal.aborted) return;
    this.#database = null;
    this.#state = { kind: "away", reason, since: this.options.clock.now() };
    this.options.log.error({ error }, "the control plane is away");
    // Its connections are broken: how they end is of no interest.
    lost.close().catch((fault: unknown) => this.options.log.debug({ error: fault }, "closing a lost database"));
    this.#begin();
  }

  async #lookAlive(): Promise<void> {
    try {
      await this.#database?.db.execute(sql`SELECT 1`);
    } catch (error) {
      this.explain(error);
    }
  }

  async #revision(): Promise<string> {
    if (this.#database === null) throw this.#unavailable();
    return revisionOf(this.#database.pool);
  }

  #unavailable(cause?: unknown): AppError {
    const { state } = this;
    const why = this.#ended.signal.aborted
      ? "is closing"
      : state.kind === "away"
        ? `cannot be reached (${state.reason})`
        : "is still starting";
    return new AppError(
      "control-unavailable",
      `The database that keeps what people decide ${why}: try again in a few seconds. Events and pages are not affected.`,
      { retryAfterMs: RETRY_AFTER_MS },
      { cause },
    );
  }

  async #opened(withinMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
      timer = setTimeout(resolve, withinMs);
    });
    clearTimeout(timer);
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
