/**
 * Publishes events as Avro container files and loses none of them: what is not acknowledged is sent again, waits in a
 * spool on disk while the server is away, and holds the pipelines up when too much of it has gathered.
 */
import { encodeContainer } from "./containers.mjs";

const MAX_PER_REQUEST = 500;
/** So many events wait in memory before `emit` does. */
const MAX_WAITING = 5_000;
const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 2_000;
const REQUEST_TIMEOUT_MS = 15_000;

export class Publisher {
  #transport;
  #ledger;
  #spool;
  #clock;
  #tell;
  #waiting = [];
  #wakeSender = () => {};
  #wakeEmitters = () => {};
  #closing = false;

  /**
   * @param {{ transport: Pick<import("./api.mjs").Api, "postContainer">, ledger: import("./ledger.mjs").Ledger, spool: import("./spool.mjs").Spool,
   *   clock: import("./clocks.mjs").LaneClock, tell(line: string): void }} parts
   */
  constructor({ transport, ledger, spool, clock, tell }) {
    this.#transport = transport;
    this.#ledger = ledger;
    this.#spool = spool;
    this.#clock = clock;
    this.#tell = tell;
  }

  /** Takes an event; waits while too many are under way. @param {object} event */
  async emit(event) {
    while (this.#waiting.length >= MAX_WAITING && !this.#closing)
      await new Promise((resolve) => (this.#wakeEmitters = resolve));
    this.#waiting.push(event);
    this.#wakeSender();
  }

  get waiting() {
    return this.#waiting.length;
  }

  /** Sends until `close` is called or the clock's signal ends it: first what an earlier run left. */
  async run() {
    for (const { name, events } of this.#spool.left()) await this.#sendUntilDone(events, name);
    while (!this.#closing) {
      if (this.#waiting.length === 0) await new Promise((resolve) => (this.#wakeSender = resolve));
      else await this.#sendUntilDone(this.#takeSome(), null);
    }
  }

  /** Sends what waits once more; what is not acknowledged then stays in the spool. */
  async close() {
    this.#closing = true;
    this.#wakeSender();
    this.#wakeEmitters();
    while (this.#waiting.length > 0) {
      const events = this.#takeSome();
      if ((await this.#send(events)).again) this.#spool.put(events);
    }
  }

  #takeSome() {
    const events = this.#waiting.splice(0, MAX_PER_REQUEST);
    this.#wakeEmitters();
    return events;
  }

  async #sendUntilDone(events, name) {
    for (let retryMs = FIRST_RETRY_MS; ; retryMs = Math.min(LAST_RETRY_MS, retryMs * 2)) {
      const answer = await this.#send(events);
      if (!answer.again) break;
      name ??= this.#spool.put(events);
      await this.#clock.sleep(Math.max(retryMs, answer.afterMs));
    }
    if (name !== null) this.#spool.remove(name);
  }

  /** @returns {Promise<{ again: boolean, afterMs: number }>} */
  async #send(events) {
    const body = await encodeContainer(events);
    this.#ledger.sent(events, Date.now());
    const answer = await this.#transport.postContainer(body, AbortSignal.timeout(REQUEST_TIMEOUT_MS));
    if (answer.kind === "away") return { again: true, afterMs: answer.afterMs };
    const rejected =
      answer.kind === "refused" ? events.map((_, index) => ({ index, reason: answer.reason })) : answer.rejected;
    this.#account(events, rejected);
    return { again: false, afterMs: 0 };
  }

  #account(events, rejected) {
    const refused = new Set(rejected.map((it) => it.index));
    this.#ledger.accepted(events.filter((_, index) => !refused.has(index)));
    this.#ledger.rejected(events.filter((_, index) => refused.has(index)));
    if (rejected.length > 0)
      this.#tell(`The server refused ${rejected.length} of ${events.length} events: ${rejected[0].reason}`);
  }
}
