/**
 * A publisher of events to one feed, over HTTP or Pub/Sub: it gathers events into requests, sends them in order, tries again
 * when the far end is away, and keeps what cannot be sent in a spool on disk that outlives the process.
 *
 * What it promises: the promise of `publish` says what became of the event. "acknowledged" and "spooled" events are on a disk.
 * An event may be sent more than once (an answer was lost, a process was killed between two steps); the far end drops what it
 * has, as long as each event carries its key. Memory and spool are bounded; what does not fit is refused, never dropped.
 *
 * Nothing of the server is imported here: this folder is published by itself as `weir/publisher`.
 */
import { eventLine } from "./event-line.js";
import type { Notice, Outcome } from "./outcome.js";
import { readOptions, type PublisherOptions, type Settings } from "./options.js";
import { sendAgain, type Persistence } from "./send-again.js";
import { Spool } from "./spool.js";
import type { Answer, Transport } from "./transport.js";
import { openTransport } from "./open-transport.js";
import { WaitingEvents, type WaitingEvent } from "./waiting.js";

/** An event may have so many bytes as JSON (the bound of the server). */
const MAX_EVENT_BYTES = 1_000_000;
/** While the far end is away, events are gathered for so long before they become a file of the spool. */
const SPOOL_DELAY_MS = 500;

/** Too much waits: publish again when `room()` resolves. */
export class PublisherFullError extends Error {
  override readonly name = "PublisherFullError";
}

export interface PublisherState {
  /** Events in memory, the ones under way included. */
  waiting: number;
  waitingBytes: number;
  spooledBytes: number;
  isAway: boolean;
}

export interface Publisher {
  /**
   * Takes an event. Resolves when its fate is known; it need not be awaited, and does not reject for what the far end does.
   *
   * @throws TypeError (as a rejection) when the event cannot be JSON; PublisherFullError when too much waits
   */
  publish(event: object): Promise<Outcome>;
  /** The same for an event that is JSON already, on one line: its digits are sent as they are. */
  publishLine(line: string): Promise<Outcome>;
  /** Resolves when there is room for more: at once, unless the far end is slower than its publisher. */
  room(): Promise<void>;
  /** Sends what waits now, without gathering more. Resolves when the fate of each of these events is known. */
  flush(): Promise<void>;
  /** Sends what waits, then what the spool holds while there is time; what is left stays in the spool. */
  close(): Promise<void>;
  state(): PublisherState;
}

interface Batch {
  ticket: string;
  events: readonly WaitingEvent[];
  bytes: number;
}

const batchOf = (ticket: string, events: readonly WaitingEvent[]): Batch => ({
  ticket,
  events,
  bytes: events.reduce((sum, event) => sum + event.bytes, 0),
});

const linesOf = (events: readonly WaitingEvent[]): string[] => events.map(({ line }) => line);

/**
 * @throws TypeError when an option is not what it may be; Error when the spool's folder cannot be made
 */
export async function createPublisher(options: PublisherOptions): Promise<Publisher> {
  const settings = readOptions(options);
  const spool = settings.spool === null ? null : await Spool.open({ ...settings.spool, now: settings.now });
  const transport = await openTransport(settings);
  return new BatchingPublisher(settings, transport, spool);
}

class BatchingPublisher implements Publisher {
  readonly #settings: Settings;
  readonly #transport: Transport;
  readonly #spool: Spool | null;
  readonly #waiting = new WaitingEvents();
  readonly #closing = new AbortController();
  /** Taken from `#waiting`, fate not known. */
  readonly #underWay = new Set<Batch>();
  readonly #pending = new Set<Promise<Outcome>>();
  #running: Promise<void>;
  #wake = () => {};
  #roomWanted: (() => void)[] = [];
  #timer: NodeJS.Timeout | null = null;
  #isDue = false;
  #isAway = false;
  #awayReason = "";
  /** The far end does not want this sender: the spool is left alone until something else was taken. */
  #isHeld = false;
  #isClosed = false;
  #spilling: Promise<void> = Promise.resolve();

  constructor(settings: Settings, transport: Transport, spool: Spool | null) {
    this.#settings = settings;
    this.#transport = transport;
    this.#spool = spool;
    if (settings.flushOnExit) process.on("exit", this.#keepAtExit);
    this.#running = this.#run();
  }

  state(): PublisherState {
    return {
      waiting: this.#waiting.count + [...this.#underWay].reduce((sum, batch) => sum + batch.events.length, 0),
      waitingBytes: this.#bytes(),
      spooledBytes: this.#spool?.bytes ?? 0,
      isAway: this.#isAway,
    };
  }

  async publish(event: object): Promise<Outcome> {
    return this.publishLine(eventLine(event));
  }

  async publishLine(line: string): Promise<Outcome> {
    if (this.#isClosed) throw new Error("The publisher is closed: it takes no more events.");
    if (/[\r\n]/.test(line)) throw new TypeError("An event must be on one line.");
    const bytes = Buffer.byteLength(line);
    if (bytes > MAX_EVENT_BYTES) {
      const reason = `is ${bytes} bytes; an event has at most ${MAX_EVENT_BYTES}`;
      return { state: "rejected", reason, field: null, deadLetter: null };
    }
    const { maxWaitingBytes } = this.#settings;
    if (this.#bytes() + bytes > maxWaitingBytes) {
      throw new PublisherFullError(
        `${this.#bytes()} bytes of events wait; at most ${maxWaitingBytes} do (await room()).`,
      );
    }
    return this.#take(line, bytes);
  }

  async room(): Promise<void> {
    if (this.#bytes() < this.#settings.maxWaitingBytes / 2) return;
    await new Promise<void>((resolve) => this.#roomWanted.push(resolve));
  }

  async flush(): Promise<void> {
    this.#gathered();
    await Promise.all(this.#pending);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return this.#running;
    this.#isClosed = true;
    const timer = setTimeout(() => this.#closing.abort(), this.#settings.closeTimeoutMs);
    // While the far end is away there is nothing to wait for.
    if (this.#isAway && this.#spool !== null) this.#closing.abort();
    this.#wake();
    await this.#running;
    await this.#spilling;
    clearTimeout(timer);
    if (this.#timer !== null) clearTimeout(this.#timer);
    process.off("exit", this.#keepAtExit);
    this.#spool?.close();
    await this.#transport.close();
  }

  #take(line: string, bytes: number): Promise<Outcome> {
    const pending = new Promise<Outcome>((settle) => this.#waiting.add({ line, bytes, settle }));
    this.#pending.add(pending);
    void pending.then(() => this.#pending.delete(pending));
    const { maxEvents, maxBytes, maxDelayMs } = this.#settings.batch;
    if (this.#waiting.count >= maxEvents || this.#waiting.bytes >= maxBytes) this.#gathered();
    else this.#timer ??= setTimeout(() => this.#gathered(), this.#isAway ? SPOOL_DELAY_MS : maxDelayMs);
    return pending;
  }

  #gathered(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#isDue = true;
    const isTooMuch = this.#waiting.bytes > this.#settings.maxWaitingBytes / 2;
    if (this.#spool !== null && (this.#isAway || isTooMuch)) this.#spill();
    this.#wake();
  }

  /** The one sequence of sending: what the spool holds is older than what waits in memory. */
  async #run(): Promise<void> {
    for (;;) {
      const isOver = this.#closing.signal.aborted;
      if (isOver || (this.#isClosed && this.#waiting.count > 0)) {
        if (this.#waiting.count === 0) return;
        await this.#send(this.#batch());
      } else if (this.#canReplay()) await this.#replay();
      else if (this.#isDue && this.#waiting.count > 0) await this.#send(this.#batch());
      else if (this.#isClosed) return;
      else {
        this.#isDue = false;
        await new Promise<void>((resolve) => (this.#wake = resolve));
      }
    }
  }

  #canReplay(): boolean {
    return this.#spool !== null && !this.#spool.isEmpty && !this.#isHeld && !(this.#isClosed && this.#isAway);
  }

  #batch(): Batch {
    const { maxEvents, maxBytes } = this.#settings.batch;
    const batch = batchOf(this.#spool?.ticket() ?? "", this.#waiting.take(maxEvents, maxBytes));
    this.#underWay.add(batch);
    return batch;
  }

  async #send(batch: Batch): Promise<void> {
    if (this.#closing.signal.aborted) return this.#keep(batch, "the publisher was closed before it could be sent");
    const tries = this.#spool === null ? Infinity : this.#settings.tries;
    const answer = await this.#ask(linesOf(batch.events), { tries, keepsAlive: true });
    switch (answer.kind) {
      case "taken":
        return this.#settle(batch, (i) => {
          const refusal = answer.rejected.get(i);
          return refusal === undefined ? { state: "acknowledged" } : { state: "rejected", ...refusal };
        });
      case "unacceptable":
        if (batch.events.length > 1) return this.#sendHalves(batch);
        return this.#settle(batch, () => ({ state: "rejected", ...answer.refusal }));
      case "unwelcome":
        return this.#settle(batch, () => ({ state: "rejected", reason: answer.reason, field: null, deadLetter: null }));
      case "away":
        return this.#keep(batch, answer.reason);
    }
  }

  /** Something in it spoils the whole request: the good events are parted from it. */
  async #sendHalves(batch: Batch): Promise<void> {
    const middle = batch.events.length >> 1;
    const halves = [
      batchOf(`${batch.ticket}-0`, batch.events.slice(0, middle)),
      batchOf(`${batch.ticket}-1`, batch.events.slice(middle)),
    ];
    for (const half of halves) this.#underWay.add(half);
    this.#underWay.delete(batch);
    for (const half of halves) await this.#send(half);
  }

  /** Sends the oldest of the spool, for as long as it takes or until the publisher is closed. */
  async #replay(): Promise<void> {
    const { maxEvents, maxBytes } = this.#settings.batch;
    const spool = this.#spool!;
    try {
      const claim = await spool.claim(maxEvents, maxBytes);
      if (claim === null) return;
      if (await this.#replayLines(claim.lines)) await spool.done(claim);
      else await spool.giveBack(claim);
    } catch (error) {
      this.#isHeld = true;
      this.#tell({ kind: "spool", reason: (error as Error).message });
    }
  }

  /** Whether they need not be sent again. */
  async #replayLines(lines: readonly string[]): Promise<boolean> {
    const answer = await this.#ask(lines, { tries: Infinity, keepsAlive: false });
    switch (answer.kind) {
      case "taken":
        for (const [i, refusal] of answer.rejected) this.#tell({ kind: "rejected", line: lines[i] ?? "", ...refusal });
        return true;
      case "unacceptable": {
        if (lines.length === 1) {
          this.#tell({ kind: "rejected", line: lines[0]!, ...answer.refusal });
          return true;
        }
        const middle = lines.length >> 1;
        return (await this.#replayLines(lines.slice(0, middle))) && (await this.#replayLines(lines.slice(middle)));
      }
      case "unwelcome":
        this.#isHeld = true;
        this.#tell({ kind: "held", reason: answer.reason });
        return false;
      case "away":
        return false;
    }
  }

  async #ask(lines: readonly string[], how: Pick<Persistence, "tries" | "keepsAlive">): Promise<Answer> {
    const answer = await sendAgain(this.#transport, lines, {
      ...how,
      signal: this.#closing.signal,
      onAway: (reason, attempt) => {
        if (attempt >= this.#settings.tries) this.#away(reason);
      },
    });
    if (answer.kind === "away") {
      if (!this.#closing.signal.aborted) this.#away(answer.reason);
      return answer;
    }
    if (answer.kind === "taken") this.#isHeld = false;
    if (this.#isAway) this.#tell({ kind: "back" });
    this.#isAway = false;
    return answer;
  }

  #away(reason: string): void {
    if (this.#isAway) return;
    this.#isAway = true;
    this.#awayReason = reason;
    this.#tell({ kind: "away", reason });
    if (this.#spool === null) return;
    this.#spill();
    // Closed already: what is left is kept, not waited for.
    if (this.#isClosed) this.#closing.abort();
  }

  /** Moves what waits in memory to the spool, beside whatever is being sent. */
  #spill(): void {
    const batches: Batch[] = [];
    while (this.#waiting.count > 0) batches.push(this.#batch());
    const why = this.#isAway ? this.#awayReason : "the far end is slower than its publisher";
    this.#spilling = this.#spilling.then(async () => {
      for (const batch of batches) await this.#keep(batch, why);
    });
  }

  async #keep(batch: Batch, reason: string): Promise<void> {
    if (this.#spool === null) return this.#settle(batch, () => ({ state: "lost", reason }));
    try {
      await this.#spool.put(batch.ticket, linesOf(batch.events));
      this.#settle(batch, () => ({ state: "spooled", reason }));
      this.#wake();
    } catch (error) {
      const fault = (error as Error).message;
      this.#tell({ kind: "spool", reason: fault });
      this.#settle(batch, () => ({ state: "lost", reason: `${reason}; ${fault}` }));
    }
  }

  #settle(batch: Batch, outcome: (index: number) => Outcome): void {
    this.#underWay.delete(batch);
    for (const [i, event] of batch.events.entries()) event.settle(outcome(i));
    if (this.#bytes() >= this.#settings.maxWaitingBytes / 2) return;
    for (const wanted of this.#roomWanted.splice(0)) wanted();
  }

  #bytes(): number {
    let bytes = this.#waiting.bytes;
    for (const batch of this.#underWay) bytes += batch.bytes;
    return bytes;
  }

  #tell(notice: Notice): void {
    this.#settings.onNotice(notice);
  }

  /** `process.exit` and uncaught errors leave no time for anything but writing. */
  #keepAtExit = (): void => {
    if (this.#spool === null) return;
    while (this.#waiting.count > 0) this.#batch();
    try {
      // Not under the ticket's own name: the same events may be on their way to the spool.
      for (const { ticket, events } of this.#underWay) this.#spool.putNow(`${ticket}-exit`, linesOf(events));
    } catch (error) {
      this.#tell({ kind: "spool", reason: (error as Error).message });
    }
  };
}
