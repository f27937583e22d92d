/**
 * Whom a bearer token makes of its holder, without asking the database at every request: what was looked up goes for a few
 * seconds, is asked again beside a request that uses it, and is dropped at once when it is changed in this process. While the
 * database is away, tokens that were seen lately go on for a while; others cannot be told from nonsense and are refused.
 *
 * How much they were used is gathered here and written about once a minute.
 */
import pTimeout from "p-timeout";
import { Counter } from "prom-client";
import { sql } from "drizzle-orm";
import type { Clock } from "../../clock";
import type { Log } from "../../log";
import type { Metrics } from "../../metrics";
import { AppError } from "../../model/app-error";
import type { Actor } from "../actor";
import { withDatabase, type ControlContext } from "../context";
import { tokenUsage } from "../db/schema/token";
import type { RightsChanges } from "../rights";
import { Allowance } from "./allowance";
import { isSecretOf, isTokenId, parseToken } from "./secret";
import { actorIdOf, lookUpToken, tokenActor } from "./token";

/** For so long an answer of the database goes without another question. */
export const FRESH_MS = 5_000;
/** For so long it goes while it is asked again: another process that withdraws a token is noticed after it at the latest. */
export const STALE_MS = 10_000;
/** For so long tokens that were seen go on while the database is away. */
export const GRACE_MS = 15 * 60_000;
/** A database that hangs is not waited for longer than this by whoever was seen lately. */
const HANG_MS = 1_000;
const USAGE_EVERY_MS = 60_000;
const MOST_KEPT = 10_000;
/** Questions about tokens at one time: beyond, somebody is guessing. */
const MOST_ASKED = 64;
const ROWS_PER_WRITE = 500;

interface Known {
  actor: Actor;
  secretHash: string;
  /** Epoch ms. */
  endsAt: number | null;
  isRevoked: boolean;
  checkedAt: number;
}

export interface TokensOptions {
  control: ControlContext["control"];
  rights: RightsChanges;
  clock: Clock;
  log: Log;
  metrics: Metrics;
  /** How long a request waits for a database that is starting, ms. */
  patienceMs: number;
}

type Refusal = "unknown" | "expired" | "revoked" | "rate";

export class Tokens {
  /** By id; those that were asked longest ago come first. */
  readonly #known = new Map<string, Known>();
  /** Questions under way, so that a thousand requests ask once. */
  readonly #asking = new Map<string, Promise<Known | null>>();
  /** By id, apart from what is known: to change a token fills no bucket. */
  readonly #allowances = new Map<string, Allowance>();
  readonly #refused: Counter<"reason">;
  readonly #stop: () => void;
  readonly #timer: NodeJS.Timeout;

  constructor(private readonly options: TokensOptions) {
    this.#stop = options.rights.onRightsChanged(({ actorId }) => this.#forget(actorId));
    this.#refused = new Counter({
      name: "weir_token_refusals_total",
      help: "Requests that came with a token and were refused for it.",
      labelNames: ["reason"],
      registers: [options.metrics],
    });
    this.#timer = setInterval(() => void this.writeUsage(), USAGE_EVERY_MS);
    this.#timer.unref();
  }

  /** Writes what is left to write, if the database takes it. */
  async close(): Promise<void> {
    this.#stop();
    clearInterval(this.#timer);
    await this.writeUsage();
  }

  /**
   * Counts a request of whoever holds this token.
   *
   * @param bearer as it was sent
   * @returns null when it is no token of ours
   * @throws AppError unauthorized when it has ended, rate-limited, control-unavailable when only the database could tell
   */
  async actorOf(bearer: string): Promise<Actor | null> {
    const text = parseToken(bearer);
    const known = text && (await this.#find(text.id));
    if (!known || !isSecretOf(text.secret, known.secretHash)) {
      this.#refused.inc({ reason: "unknown" satisfies Refusal });
      return null;
    }
    return this.#admit(text.id, known);
  }

  /**
   * Counts a request that is charged to a token whose secret was not shown. Ids are no secrets: who asks must be known by other
   * means to be somebody who may use the token up (`takePush` of `src/web/push-call.ts`).
   *
   * @param id of the token
   * @returns null when there is no such token
   * @throws AppError as `actorOf`
   */
  async actorNamed(id: string): Promise<Actor | null> {
    const known = isTokenId(id) ? await this.#find(id) : null;
    if (known) return this.#admit(id, known);
    this.#refused.inc({ reason: "unknown" satisfies Refusal });
    return null;
  }

  #admit(id: string, known: Known): Actor {
    const now = this.options.clock.now();
    if (known.isRevoked) throw this.#ended("revoked", known);
    if (known.endsAt !== null && known.endsAt <= now) throw this.#ended("expired", known);
    try {
      this.#allowances.get(id)!.admit(now);
    } catch (error) {
      this.#refused.inc({ reason: "rate" satisfies Refusal });
      throw error;
    }
    return known.actor;
  }

  /** Charges the events that a request of this actor has brought; of who is no token nothing is counted. */
  spend(actor: Actor, events: number): void {
    if (actor.kind === "token") this.#allowances.get(tokenIdOf(actor))?.spend(events, this.options.clock.now());
  }

  /**
   * The holder of a token as the database has it now; null when it is good for nothing any more.
   *
   * @throws AppError control-unavailable
   */
  async rightsOf(actor: Actor): Promise<Actor | null> {
    const found = await lookUpToken(this.options, tokenIdOf(actor));
    if (!found) return null;
    const { revokedAt, expiresAt } = found.token;
    const isOver = revokedAt !== null || (expiresAt !== null && expiresAt.getTime() <= this.options.clock.now());
    return isOver ? null : tokenActor(found.token);
  }

  /** Never rejects: what cannot be written now is written with what comes. */
  async writeUsage(): Promise<void> {
    const used = [...this.#allowances].flatMap(([tokenId, allowance]) => {
      const count = allowance.takePending();
      return count ? [{ tokenId, allowance, count }] : [];
    });
    for (let start = 0; start < used.length; start += ROWS_PER_WRITE) {
      const some = used.slice(start, start + ROWS_PER_WRITE);
      try {
        await this.#write(some);
      } catch (error) {
        for (const { allowance, count } of some) allowance.giveBack(count);
        if (!isAway(error)) this.options.log.error({ error }, "the usage of tokens could not be written");
      }
    }
  }

  async #write(some: readonly Used[]): Promise<void> {
    const rows = some.map(({ tokenId, allowance, count }) => ({
      tokenId,
      ...count,
      lastUsedAt: new Date(allowance.lastUsedAt),
    }));
    const sum = (column: typeof tokenUsage.requests | typeof tokenUsage.events) =>
      sql`CASE WHEN ${tokenUsage.day} = excluded.day THEN ${column} + excluded.${sql.identifier(column.name)}
        WHEN ${tokenUsage.day} < excluded.day THEN excluded.${sql.identifier(column.name)} ELSE ${column} END`;
    const written = await withDatabase({ ...this.options, patienceMs: 0 }, (db) =>
      db
        .insert(tokenUsage)
        .values(rows)
        .onConflictDoUpdate({
          target: tokenUsage.tokenId,
          set: {
            lastUsedAt: sql`greatest(${tokenUsage.lastUsedAt}, excluded.last_used_at)`,
            day: sql`greatest(${tokenUsage.day}, excluded.day)`,
            requests: sum(tokenUsage.requests),
            events: sum(tokenUsage.events),
          },
        })
        .returning(),
    );
    for (const row of written) this.#allowances.get(row.tokenId)?.told(row);
  }

  #find(id: string): Known | null | Promise<Known | null> {
    const known = this.#known.get(id);
    const age = known ? this.options.clock.now() - known.checkedAt : Infinity;
    // A clock that steps back makes answers of the future: they are asked again.
    if (known && age >= 0 && age < FRESH_MS) return known;
    const asked = this.#ask(id);
    if (known === undefined) return asked;
    const orKnown = asked.catch((error: unknown) => {
      if (isAway(error) && age < GRACE_MS && this.#known.get(id) === known) return known;
      throw error;
    });
    if (age >= 0 && age < STALE_MS) {
      orKnown.catch((error: unknown) => this.options.log.warn({ error }, "a token could not be looked up again"));
      return known;
    }
    return age < GRACE_MS ? firstOf(orKnown, known) : orKnown;
  }

  #ask(id: string): Promise<Known | null> {
    const underWay = this.#asking.get(id);
    if (underWay) return underWay;
    if (this.#asking.size >= MOST_ASKED)
      return Promise.reject(
        new AppError("rate-limited", "Too many tokens are looked up at the moment.", { retryAfterMs: 1_000 }),
      );
    const asked: Promise<Known | null> = this.#lookUp(id, () => this.#asking.get(id) === asked).finally(() => {
      if (this.#asking.get(id) === asked) this.#asking.delete(id);
    });
    this.#asking.set(id, asked);
    return asked;
  }

  /** @param isNews false when it was changed while the database was asked: then the answer is kept by nobody */
  async #lookUp(id: string, isNews: () => boolean): Promise<Known | null> {
    const found = await lookUpToken(this.options, id);
    if (found === null) {
      this.#known.delete(id);
      return null;
    }
    const { token, usage } = found;
    const checkedAt = this.options.clock.now();
    this.#allowanceOf(id).bind(token, usage, checkedAt);
    const known: Known = {
      actor: tokenActor(token),
      secretHash: token.secretHash,
      endsAt: token.expiresAt?.getTime() ?? null,
      isRevoked: token.revokedAt !== null,
      checkedAt,
    };
    if (isNews()) this.#keep(id, known);
    return known;
  }

  #allowanceOf(id: string): Allowance {
    const kept = this.#allowances.get(id) ?? new Allowance();
    this.#allowances.set(id, kept);
    return kept;
  }

  #keep(id: string, known: Known): void {
    this.#known.delete(id);
    this.#known.set(id, known);
    if (this.#known.size <= MOST_KEPT) return;
    const [oldest] = this.#known.keys();
    this.#known.delete(oldest!);
  }

  #forget(actorId: string): void {
    if (!actorId.startsWith(actorIdOf(""))) return;
    const id = actorId.slice(actorIdOf("").length);
    this.#known.delete(id);
    this.#asking.delete(id);
  }

  #ended(reason: Refusal, { actor }: Known): AppError {
    this.#refused.inc({ reason });
    const how = reason === "revoked" ? "was revoked" : "has expired";
    return new AppError("unauthorized", `The token ${JSON.stringify(actor.name)} ${how}: ask for another.`);
  }
}

interface Used {
  tokenId: string;
  allowance: Allowance;
  count: { day: string; requests: number; events: number };
}

const tokenIdOf = (actor: Actor): string => actor.id.slice(actorIdOf("").length);

const isAway = (error: unknown): boolean => error instanceof AppError && error.code === "control-unavailable";

/** What comes, or what was known when nothing comes for a while. */
const firstOf = (asked: Promise<Known | null>, known: Known): Promise<Known | null> =>
  pTimeout(asked, { milliseconds: HANG_MS, fallback: () => known });
