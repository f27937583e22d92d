/**
 * Who holds a session cookie, without asking the database at every request: what was looked up goes for a few seconds, and is
 * dropped at once when rights change. While the database is away, people who were seen lately stay signed in for a while.
 *
 * better-auth can keep the session itself in a signed cookie for that. It is not used: feed rights are not in it, every page
 * would set a cookie, and nobody could take it back.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { Clock } from "../../clock";
import { AppError } from "../../model/app-error";
import type { Actor } from "../actor";
import type { ControlContext } from "../context";
import { isAbout, type RightsChanges } from "../rights";
import { findSessionActor, type SessionActor } from "./rights-of";

/** For so long an answer of the database goes. Another process that withdraws something is noticed after it at the latest. */
export const FRESH_MS = 5_000;
/** For so long whoever was seen stays signed in while the database is away. */
export const GRACE_MS = 15 * 60_000;
const MOST_KEPT = 10_000;

interface Seen extends SessionActor {
  checkedAt: number;
}

export interface SessionsOptions {
  control: ControlContext["control"];
  rights: RightsChanges;
  clock: Clock;
  /** What cookies are signed with. */
  secret: string;
  /** How long a request waits for a database that is starting, ms. */
  patienceMs: number;
}

export class Sessions {
  /** By whatever proves who it is; the oldest come first. */
  readonly #seen = new Map<string, Seen>();
  readonly #stop: () => void;
  /** Counts changes: what was asked before one is not kept after it. */
  #changes = 0;

  constructor(private readonly options: SessionsOptions) {
    this.#stop = options.rights.onRightsChanged((change) => {
      this.#changes += 1;
      for (const [key, { actor }] of this.#seen) if (isAbout(change, actor)) this.#seen.delete(key);
    });
  }

  close(): void {
    this.#stop();
    this.#seen.clear();
  }

  /**
   * @param cookie value of the session cookie
   * @returns null when it is not ours, or the session has ended
   * @throws AppError control-unavailable when the database is away and this session was not seen lately
   */
  async actorOf(cookie: string): Promise<Actor | null> {
    const token = tokenOf(cookie, this.options.secret);
    if (token === null) return null;
    return this.remembered(`session ${token}`, () => findSessionActor(this.options, { token }));
  }

  /** What `look` finds, or found a few seconds ago, under this key. @throws AppError control-unavailable, and what `look` does */
  async remembered(key: string, look: () => Promise<SessionActor | null>): Promise<Actor | null> {
    const now = this.options.clock.now();
    const seen = this.#seen.get(key);
    if (seen && now - seen.checkedAt < FRESH_MS && now < seen.endsAt) return seen.actor;
    const { found, isNews } = await this.#ask(look, seen, now);
    if (isNews) this.#keep(key, found, now);
    return found?.actor ?? null;
  }

  async #ask(look: () => Promise<SessionActor | null>, seen: Seen | undefined, now: number) {
    const changes = this.#changes;
    try {
      const found = await look();
      return { found, isNews: changes === this.#changes };
    } catch (error) {
      const isAway = error instanceof AppError && error.code === "control-unavailable";
      const isKnown = seen !== undefined && now - seen.checkedAt < GRACE_MS && now < seen.endsAt;
      if (isAway && isKnown && changes === this.#changes) return { found: seen, isNews: false };
      throw error;
    }
  }

  #keep(key: string, found: SessionActor | null, checkedAt: number): void {
    this.#seen.delete(key);
    if (found === null) return;
    this.#seen.set(key, { ...found, checkedAt });
    if (this.#seen.size <= MOST_KEPT) return;
    const [oldest] = this.#seen.keys();
    this.#seen.delete(oldest!);
  }
}

/** The form in which better-auth (better-call) signs: `token.base64(HMAC-SHA-256)`. */
export const signedToken = (token: string, secret: string): string => `${token}.${signature(token, secret)}`;

export function tokenOf(cookie: string, secret: string): string | null {
  const dot = cookie.lastIndexOf(".");
  if (dot < 1) return null;
  const token = cookie.slice(0, dot);
  const given = Buffer.from(cookie.slice(dot + 1));
  const wanted = Buffer.from(signature(token, secret));
  return given.length === wanted.length && timingSafeEqual(given, wanted) ? token : null;
}

const signature = (token: string, secret: string): string =>
  createHmac("sha256", secret).update(token).digest("base64");
