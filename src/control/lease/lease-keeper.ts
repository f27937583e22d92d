/**
 * Takes the leases of a lake's feeds for this process, keeps them while it lives, and tells when one was taken or has ended.
 *
 * A lease ends by the database's clock. Here it ends earlier: its lifetime is counted from before the question that took or
 * prolonged it was sent, on a clock that runs on while the process is stopped. So a process that wakes up, or that cannot reach
 * the database, stops by itself before another may begin.
 */
import { awayReason } from "../db/faults";
import type { Held, Holder, Lease, LeaseDb } from "./lease";
import { listLeases } from "./list-leases";
import { releaseLeases } from "./release-leases";
import { renewLeases } from "./renew-leases";
import { takeLeases } from "./take-leases";
import { AppError } from "../../model/app-error";
import type { Log } from "../../log";

export const LIFETIME_MS = 6_000;
const RENEW_MS = 2_000;
/** After a failure: the lease is running out. */
const RETRY_MS = 500;
/** How long after the end of another's lease it is asked for. */
const AFTER_END_MS = 20;
const SHORTEST_MS = 20;

/** The right to write a feed from one taking of its lease to its end. */
export interface LeaseTerm {
  readonly fence: number;
  /** @throws AppError engine-unavailable unless the lease lasts for another `neededMs` at least */
  assertHeld(neededMs: number): void;
}

export interface LeaseKeeperOptions {
  /** Rejects while the database is away, or not yet of this program's schema. */
  database: () => Promise<LeaseDb>;
  lakeId: string;
  holder: Holder;
  /** With the greatest fencing number that the feed's tables carry. */
  feeds: readonly { feed: string; seenFence: number }[];
  log: Log;
  onTaken: (feed: string, fence: number) => void;
  onEnded: (feed: string) => void;
  /** Somebody else took a lease or gave one back, or nobody can tell. */
  onNews: () => void;
  lifetimeMs?: number;
  /** Milliseconds since some fixed moment; never steps back. */
  elapsed?: () => number;
}

export class LeaseKeeper {
  /** Until when each lease is ours, by `elapsed`. */
  readonly #held = new Map<string, { fence: number; until: number }>();
  #leases: readonly Lease[] = [];
  #fault: string | null = "it was not asked yet";
  #holder: Holder;
  #isEnding = false;
  #timer: NodeJS.Timeout | null = null;
  #ends: NodeJS.Timeout | null = null;
  #round: Promise<void> = Promise.resolve();
  readonly #lifetimeMs: number;
  readonly #elapsed: () => number;

  constructor(private readonly options: LeaseKeeperOptions) {
    this.#holder = options.holder;
    this.#lifetimeMs = options.lifetimeMs ?? LIFETIME_MS;
    this.#elapsed = options.elapsed ?? (() => performance.now());
  }

  start(): void {
    this.hurry();
  }

  /** Asks the database now: somebody may have given a lease back. */
  hurry(): void {
    if (this.#isEnding) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#round = this.#round.then(() => this.#runRound());
  }

  /** Where this process serves, for the others to tell. */
  announce(address: string): void {
    this.#holder = { ...this.#holder, address };
    this.hurry();
  }

  /** @throws AppError engine-unavailable while this process does not hold the lease of the feed */
  term(feed: string): LeaseTerm {
    const fence = this.#held.get(feed)?.fence;
    if (fence === undefined) throw this.#notHeld(feed);
    return {
      fence,
      assertHeld: (neededMs) => {
        const held = this.#held.get(feed);
        if (held?.fence !== fence || held.until - this.#elapsed() < neededMs) throw this.#notHeld(feed);
      },
    };
  }

  isHeld(feed: string): boolean {
    return this.#held.has(feed);
  }

  /** Who writes a feed as far as the database has told; null when nobody does, or that cannot be told. */
  writerOf(feed: string): Lease | null {
    if (this.#fault !== null && !this.isHeld(feed)) return null;
    return this.#leases.find((lease) => lease.feed === feed && lease.leftMs > 0) ?? null;
  }

  /** Why it cannot be told who writes, or null. */
  get fault(): string | null {
    return this.#fault;
  }

  /** Takes nothing more; what is held is kept until `close`. */
  stopTaking(): void {
    this.#isEnding = true;
  }

  /** Gives everything back. Whoever writes has stopped before. */
  async close(): Promise<void> {
    this.#isEnding = true;
    if (this.#timer) clearTimeout(this.#timer);
    if (this.#ends) clearTimeout(this.#ends);
    await this.#round;
    if (this.#timer) clearTimeout(this.#timer);
    if (this.#held.size === 0) return;
    this.#held.clear();
    try {
      await releaseLeases(await this.options.database(), { lakeId: this.options.lakeId, holder: this.#holder });
    } catch (error) {
      this.options.log.warn({ err: error }, "the leases could not be given back: they end by themselves");
    }
  }

  async #runRound(): Promise<void> {
    let nextMs = RENEW_MS;
    try {
      nextMs = await this.#ask();
      if (this.#fault !== null) this.#tellFault(null);
    } catch (error) {
      nextMs = RETRY_MS;
      this.#tellFault(awayReason(error) ?? (error instanceof Error ? error.message : String(error)), error);
    }
    this.#endDue();
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#round = this.#round.then(() => this.#runRound());
    }, nextMs);
    this.#timer.unref();
  }

  /** @returns when to ask again, ms */
  async #ask(): Promise<number> {
    const { database, lakeId, feeds } = this.options;
    const db = await database();
    const common = { lakeId, holder: this.#holder, lifetimeMs: this.#lifetimeMs };
    await this.#renew(db, common);
    const before = this.#leases;
    this.#leases = await listLeases(db, { lakeId });
    const isFree = (feed: string) => (this.#leases.find((lease) => lease.feed === feed)?.leftMs ?? 0) <= 0;
    const wanted = this.#isEnding ? [] : feeds.filter(({ feed }) => !this.isHeld(feed) && isFree(feed));
    if (wanted.length > 0) {
      const askedAt = this.#elapsed();
      const taken = await takeLeases(db, { ...common, feeds: wanted });
      for (const { feed, fence } of taken) this.#begin(feed, fence, askedAt);
      this.#leases = await listLeases(db, { lakeId });
    }
    if (writersOf(before) !== writersOf(this.#leases)) this.options.onNews();
    const others = this.#leases.filter(({ feed, leftMs }) => !this.isHeld(feed) && leftMs > 0);
    const soonest = Math.min(RENEW_MS, ...others.map(({ leftMs }) => leftMs + AFTER_END_MS));
    return Math.max(SHORTEST_MS, soonest);
  }

  async #renew(db: LeaseDb, common: { lakeId: string; holder: Holder; lifetimeMs: number }): Promise<void> {
    this.#endDue();
    const held: Held[] = [...this.#held].map(([feed, { fence }]) => ({ feed, fence }));
    if (held.length === 0) return;
    const askedAt = this.#elapsed();
    const renewed = new Set(await renewLeases(db, { ...common, held }));
    for (const { feed, fence } of held) {
      if (this.#held.get(feed)?.fence !== fence) continue;
      if (renewed.has(feed)) this.#held.set(feed, { fence, until: askedAt + this.#lifetimeMs });
      else this.#end(feed, "another process has taken it, or it ran out");
    }
    this.#watchEnds();
  }

  #begin(feed: string, fence: number, askedAt: number): void {
    this.#held.set(feed, { fence, until: askedAt + this.#lifetimeMs });
    this.#watchEnds();
    this.options.log.info({ feed, fence }, "this process writes the feed");
    this.options.onTaken(feed, fence);
  }

  #end(feed: string, why: string): void {
    this.#held.delete(feed);
    this.options.log.warn({ feed, why }, "this process no longer writes the feed");
    this.options.onEnded(feed);
  }

  #endDue(): void {
    const now = this.#elapsed();
    for (const [feed, { until }] of [...this.#held])
      if (until <= now) this.#end(feed, this.#fault ?? "it was not prolonged in time");
  }

  #watchEnds(): void {
    if (this.#ends) clearTimeout(this.#ends);
    this.#ends = null;
    if (this.#held.size === 0) return;
    const soonest = Math.min(...[...this.#held.values()].map(({ until }) => until)) - this.#elapsed();
    this.#ends = setTimeout(
      () => {
        this.#endDue();
        this.#watchEnds();
      },
      Math.max(SHORTEST_MS, soonest),
    );
    this.#ends.unref();
  }

  #tellFault(fault: string | null, error?: unknown): void {
    const isNews = fault !== this.#fault;
    this.#fault = fault;
    if (!isNews) return;
    if (fault !== null) this.options.log.error({ err: error }, "the leases of the feeds cannot be asked for");
    this.options.onNews();
  }

  #notHeld(feed: string): AppError {
    const why =
      this.#fault === null
        ? "another server has it, or is about to"
        : `the database that tells who writes cannot be asked (${this.#fault})`;
    return new AppError("engine-unavailable", `This server does not hold the lease of feed ${feed}: ${why}.`, {
      retryAfterMs: RENEW_MS,
    });
  }
}

/** What matters to whoever shows who writes. */
const writersOf = (leases: readonly Lease[]): string =>
  leases
    .map(({ feed, fence, leftMs, holder }) => `${feed} ${leftMs > 0 ? `${fence} ${holder.address}` : "nobody"}`)
    .join("\n");
