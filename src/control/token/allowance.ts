/**
 * How much one token may do: requests and events per second as token buckets that hold what comes in a second, and events per
 * day. How many events a request brings is known once it was read, so they are charged afterwards: a bucket may go below
 * zero, and the next request waits until it is full enough again.
 */
import { AppError } from "../../model/app-error";
import { dayOf, type TokenRow } from "./token";

export type Limits = Pick<TokenRow, "requestsPerSecond" | "eventsPerSecond" | "eventsPerDay">;

/** What was used on a day (UTC). */
export interface DayCount {
  day: string;
  requests: number;
  events: number;
}

/** Sums of fractions: whoever comes back when it was told is not told again. */
const ROUNDING = 1e-6;

class Bucket {
  #level: number;
  #at: number;

  constructor(
    readonly perSecond: number,
    now: number,
  ) {
    this.#level = perSecond;
    this.#at = now;
  }

  /** Milliseconds until something may be taken; 0 = now. */
  wait(now: number): number {
    this.#fill(now);
    const lacking = 1 - this.#level - ROUNDING;
    return lacking <= 0 ? 0 : Math.ceil((lacking / this.perSecond) * 1_000);
  }

  take(n: number, now: number): void {
    this.#fill(now);
    this.#level -= n;
  }

  /** A clock that steps back gives nothing. */
  #fill(now: number): void {
    this.#level = Math.min(this.perSecond, this.#level + (Math.max(0, now - this.#at) / 1_000) * this.perSecond);
    this.#at = now;
  }
}

export class Allowance {
  #requests: Bucket | null = null;
  #events: Bucket | null = null;
  #eventsPerDay: number | null = null;
  /** As the database told last: of all processes. */
  #told: DayCount = { day: "", requests: 0, events: 0 };
  /** Of this process, not yet in the database. */
  #pending: DayCount = { day: "", requests: 0, events: 0 };
  lastUsedAt = 0;

  /** Buckets are kept while their bound is the same. */
  bind(limits: Limits, told: DayCount | null, now: number): void {
    const bucket = (old: Bucket | null, perSecond: number | null) =>
      perSecond === null ? null : old?.perSecond === perSecond ? old : new Bucket(perSecond, now);
    this.#requests = bucket(this.#requests, limits.requestsPerSecond);
    this.#events = bucket(this.#events, limits.eventsPerSecond);
    this.#eventsPerDay = limits.eventsPerDay;
    if (told !== null) this.#told = told;
  }

  /** Counts a request. @throws AppError rate-limited, with the time to come back after */
  admit(now: number): void {
    const wait = Math.max(this.#requests?.wait(now) ?? 0, this.#events?.wait(now) ?? 0);
    if (wait > 0)
      throw new AppError("rate-limited", `This token sends faster than it may: come back in ${wait} ms.`, {
        retryAfterMs: wait,
      });
    const day = dayOf(now);
    if (this.#eventsPerDay !== null && this.#eventsOf(day) >= this.#eventsPerDay)
      throw new AppError(
        "rate-limited",
        `This token has sent the ${this.#eventsPerDay} events that it may send on a day; the next begins at 00:00 UTC.`,
        { retryAfterMs: Date.parse(`${day}T00:00:00Z`) + 86_400_000 - now },
      );
    this.#requests?.take(1, now);
    this.#turn(day).requests += 1;
    this.lastUsedAt = now;
  }

  /** Charges what a request has brought. */
  spend(events: number, now: number): void {
    this.#events?.take(events, now);
    this.#turn(dayOf(now)).events += events;
  }

  /** What is to be written, and no longer kept here; null = nothing. */
  takePending(): DayCount | null {
    const pending = this.#pending;
    if (pending.requests === 0 && pending.events === 0) return null;
    this.#pending = { day: pending.day, requests: 0, events: 0 };
    return pending;
  }

  /** It could not be written. */
  giveBack({ day, requests, events }: DayCount): void {
    if (this.#pending.day !== day && this.#pending.requests > 0) return; // of a day that is over
    this.#pending = { day, requests: this.#pending.requests + requests, events: this.#pending.events + events };
  }

  /** The counts of all processes, with what was just written. */
  told(count: DayCount): void {
    this.#told = count;
  }

  #eventsOf(day: string): number {
    return (this.#told.day === day ? this.#told.events : 0) + (this.#pending.day === day ? this.#pending.events : 0);
  }

  #turn(day: string): DayCount {
    if (this.#pending.day !== day) this.#pending = { day, requests: 0, events: 0 };
    return this.#pending;
  }
}
