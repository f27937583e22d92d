/**
 * The mix that the figures speak of: nine of ten messages are new events with random UUIDs as keys, one is a newer version of
 * an event that is at most ten seconds old.
 */
import { nextVersion, randomEvent, type PipelineEvent } from "../support/pipeline-event";
import type { Random } from "../support/random";

const UPDATED_WITHIN_MS = 10_000;
const NEW_SHARE = 0.9;

export class EventStream {
  readonly #random: Random;
  /** Events that may get another version, the oldest first. */
  #recent: PipelineEvent[] = [];
  #dropped = 0;
  /** Distinct events so far. */
  events = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** @param at epoch ms; never less than before */
  next(at: number): PipelineEvent {
    this.#forget(at);
    const candidates = this.#recent.length - this.#dropped;
    if (candidates === 0 || this.#random.chance(NEW_SHARE)) return this.#fresh(at);
    const i = this.#dropped + this.#random.int(0, candidates - 1);
    const version = nextVersion(this.#random, this.#recent[i]!, at);
    this.#recent[i] = version;
    return version;
  }

  /** So many messages, spread evenly over (from, to]. */
  take(count: number, from: number, to: number): PipelineEvent[] {
    return Array.from({ length: count }, (_, i) => this.next(Math.round(from + ((i + 1) / count) * (to - from))));
  }

  #fresh(at: number): PipelineEvent {
    const event = randomEvent(this.#random, this.#random.uuid(), at);
    this.#recent.push(event);
    this.events += 1;
    return event;
  }

  #forget(at: number): void {
    const oldest = at - UPDATED_WITHIN_MS;
    while (this.#dropped < this.#recent.length && this.#recent[this.#dropped]!.eventTimestamp < oldest) this.#dropped++;
    if (this.#dropped < 10_000 || this.#dropped < this.#recent.length / 2) return;
    this.#recent = this.#recent.slice(this.#dropped);
    this.#dropped = 0;
  }
}
