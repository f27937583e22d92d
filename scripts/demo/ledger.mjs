/**
 * What the publisher was promised and what became of it. A message is one version of an event; it is in the table when the
 * row of its event is at least as new (a newer version replaces an older one).
 */

/** @typedef {{ updatedAt: number, eventTime: number, sentAt: number, acknowledged: boolean }} Message */

const LATENCIES = 200;

export class Ledger {
  /** Event id to its messages that are not known to be in the table. @type {Map<string, Message[]>} */
  #open = new Map();
  /** Milliseconds from sending to being seen, the newest last. @type {number[]} */
  #latencies = [];
  acknowledged = 0;
  inTable = 0;
  refused = 0;
  /** Acknowledged messages that a check missed in the table although nothing was left to commit. */
  lost = 0;

  /** @param {readonly object[]} events @param {number} sentAt epoch ms; again when they are sent again */
  sent(events, sentAt) {
    for (const event of events) {
      const messages = this.#open.get(event.eventId) ?? [];
      const known = messages.find((it) => it.updatedAt === event.lastUpdatedAt);
      if (known === undefined)
        messages.push({ updatedAt: event.lastUpdatedAt, eventTime: event.eventTimestamp, sentAt, acknowledged: false });
      this.#open.set(event.eventId, messages);
    }
  }

  /** @param {readonly object[]} events */
  accepted(events) {
    for (const event of events) {
      const message = this.#open.get(event.eventId)?.find((it) => it.updatedAt === event.lastUpdatedAt);
      if (message === undefined || message.acknowledged) continue;
      message.acknowledged = true;
      this.acknowledged += 1;
    }
  }

  /** @param {readonly object[]} events */
  rejected(events) {
    for (const event of events) {
      this.refused += 1;
      this.#keep(event.eventId, (it) => it.updatedAt !== event.lastUpdatedAt);
    }
  }

  /** A row arrived on the live stream. @param {string} id @param {number} updatedAt @param {number} now epoch ms */
  seen(id, updatedAt, now) {
    const message = this.#open.get(id)?.find((it) => it.updatedAt === updatedAt);
    if (message === undefined) return;
    this.#latencies.push(now - message.sentAt);
    if (this.#latencies.length > LATENCIES) this.#latencies.shift();
  }

  /** Acknowledged messages to look for in the table. @returns {{ id: string, updatedAt: number, eventTime: number }[]} */
  toCheck() {
    return [...this.#open].flatMap(([id, messages]) =>
      messages.filter((it) => it.acknowledged).map(({ updatedAt, eventTime }) => ({ id, updatedAt, eventTime })),
    );
  }

  /**
   * @param {readonly { id: string, updatedAt: number }[]} checked what `toCheck` gave
   * @param {ReadonlyMap<string, number>} rows event id to its row's lastUpdatedAt
   * @param {boolean} complete nothing that was acknowledged by then was waiting for its commit
   */
  check(checked, rows, complete) {
    const found = checked.filter((it) => (rows.get(it.id) ?? -1) >= it.updatedAt);
    for (const { id, updatedAt } of found) {
      // The last look may overlap the one that was on its way: each message is counted once.
      if (this.#open.get(id)?.some((it) => it.updatedAt === updatedAt) === true) this.inTable += 1;
      this.#keep(id, (it) => it.updatedAt !== updatedAt);
    }
    if (complete) this.lost = checked.length - found.length;
  }

  /** @returns {number | null} median of the newest ones, ms */
  get seenInMs() {
    const sorted = [...this.#latencies].sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? null;
  }

  #keep(id, isKept) {
    const messages = (this.#open.get(id) ?? []).filter(isKept);
    if (messages.length === 0) this.#open.delete(id);
    else this.#open.set(id, messages);
  }
}
