/**
 * Pulls one subscription into one feed. What arrives while a batch is being staged is the next batch, so that the number of
 * fsyncs follows the disk and not the number of messages. One batch after the other, each in the order of arrival: messages of
 * one ordering key are staged in their order.
 *
 * Promise (invariant 1): a message is acknowledged only after what it holds is durable.
 *
 * When nothing can be staged (the area or the disk is full), what is in hand is held and tried again; the library extends the
 * leases, and the server sends no more than the bound of flow control. After a while all of it is given back and the stream is
 * closed until there is room, so that other consumers may have it and memory holds nothing for long.
 */
import type { Logger } from "pino";
import { AppError } from "../../model/app-error";
import type { Ingest } from "../ingest";
import type { Pace } from "../pace";
import type { FlowLimits, OpenSubscription, PullClient, Pulled, PullFault } from "./pull-client";
import type { PullMetrics, PullState, PullStatus } from "./pull-metrics";
import { idWord } from "./push-envelope";
import { RecentIds } from "./recent-ids";
import type { Outcome } from "./take-messages";

export interface PullerOptions {
  feed: string;
  subscription: string;
  /** Deliveries of a message that cannot be read before it becomes a dead letter, where Pub/Sub counts them. */
  attempts: number;
  client: Pick<PullClient, "subscribe">;
  ingest: Pick<Ingest, "takeMessages" | "hasRoom">;
  metrics: PullMetrics;
  pace: Pace;
  log: Logger;
  /** 0 … 1, for the jitter of retries. */
  random(): number;
  limits?: FlowLimits;
  /** How long messages are held that cannot be staged. */
  holdMs?: number;
  /** How long closing waits for what is in hand. */
  drainMs?: number;
}

const LIMITS: FlowLimits = { maxMessages: 10_000, maxBytes: 64 * 1024 * 1024 };
const HOLD_MS = 10_000;
const DRAIN_MS = 8_000;
const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 2_000;
const FIRST_REOPEN_MS = 500;
const MAX_REOPEN_MS = 30_000;
const SETTLED_MS = 5_000;
const LOOK_FOR_ROOM_MS = 250;

export class Puller {
  private readonly stop = new AbortController();
  private readonly inHand: Pulled[] = [];
  private bytesInHand = 0;
  private readonly recent: RecentIds;
  private subscribed: OpenSubscription | null = null;
  private working: Promise<void> | null = null;
  private reopening: Promise<void> | null = null;
  private failures = 0;
  private state: PullState = "pulling";
  private reason: string | null = null;

  constructor(private readonly options: PullerOptions) {
    this.recent = new RecentIds(this.limits.maxMessages);
  }

  private get limits(): FlowLimits {
    return this.options.limits ?? LIMITS;
  }

  status(): PullStatus {
    const { feed, subscription } = this.options;
    return {
      feed,
      subscription,
      state: this.state,
      reason: this.reason,
      outstanding: this.inHand.length,
      outstandingBytes: this.bytesInHand,
      oldestAt: this.inHand.length === 0 ? null : Math.min(...this.inHand.map(({ publishTime }) => +publishTime)),
    };
  }

  start(): void {
    this.open();
  }

  /** Takes no more, stages and acknowledges what is in hand, within a bound; what is left is given back. */
  async close(): Promise<void> {
    if (this.state === "closed") return;
    this.become("closed", null);
    const closed = this.subscribed?.close();
    const isStuck = this.options.pace.sleep(this.drainMs, this.stop.signal);
    await Promise.race([this.working, isStuck]);
    this.stop.abort();
    await Promise.all([closed, this.working, this.reopening]);
  }

  private get drainMs(): number {
    return this.options.drainMs ?? DRAIN_MS;
  }

  private open(): void {
    const { client, subscription, log } = this.options;
    const handlers = {
      message: (message: Pulled) => this.receive(message),
      failed: (fault: PullFault) => this.failed(fault),
      noticed: (text: string) => log.debug({ subscription, text }, "Pub/Sub"),
    };
    const opened = client.subscribe(subscription, this.limits, handlers, this.drainMs);
    this.subscribed = opened;
    if (this.failures > 0) void this.settled(opened);
  }

  /** An empty subscription sends nothing by which one could see that it is there: that no fault comes has to do. */
  private async settled(opened: OpenSubscription): Promise<void> {
    await this.options.pace.sleep(SETTLED_MS, this.stop.signal);
    if (this.subscribed === opened && this.reopening === null && this.failures > 0) this.recovered();
  }

  private receive(message: Pulled): void {
    const { metrics, feed } = this.options;
    if (this.failures > 0) this.recovered();
    this.inHand.push(message);
    this.bytesInHand += message.data.length;
    metrics.received.inc({ feed });
    if (message.deliveryAttempt > 1 || this.recent.seen(message.id)) metrics.redelivered.inc({ feed });
    this.working ??= this.work().finally(() => (this.working = null));
  }

  private async work(): Promise<void> {
    await Promise.resolve(); // what was delivered together is staged together
    let heldSince: number | null = null;
    let retries = 0;
    while (this.inHand.length > 0 && !this.stop.signal.aborted) {
      const fault = await this.takeSome();
      if (fault === null) {
        heldSince = null;
        retries = 0;
        if (this.state === "waiting") this.become("pulling", null);
        continue;
      }
      heldSince ??= this.options.pace.elapsed();
      this.holding(fault);
      if (this.options.pace.elapsed() - heldSince >= this.holdMs) return this.giveBack();
      await this.backOff(FIRST_RETRY_MS, MAX_RETRY_MS, retries++);
    }
    if (this.stop.signal.aborted) this.nack(this.inHand.splice(0));
  }

  private get holdMs(): number {
    return this.options.holdMs ?? HOLD_MS;
  }

  /** Stages and settles the first messages in hand. Returns what stood against it; then all of them are still in hand. */
  private async takeSome(): Promise<Error | null> {
    const { ingest, feed } = this.options;
    const messages = this.inHand.slice();
    try {
      const outcomes = await ingest.takeMessages(
        feed,
        messages.map((message) => this.delivery(message)),
      );
      this.settle(this.inHand.splice(0, outcomes.length), outcomes);
      return null;
    } catch (error) {
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  private delivery({ id, data, attributes, orderingKey, deliveryAttempt }: Pulled) {
    // To wait for another delivery would hold up all that follow it under its key.
    const mayComeAgain = deliveryAttempt > 0 && deliveryAttempt < this.options.attempts && !orderingKey;
    return { messageId: idWord(id), data, attributes, mayComeAgain };
  }

  private settle(messages: readonly Pulled[], outcomes: readonly Outcome[]): void {
    const { metrics, feed } = this.options;
    const count = (wanted: Outcome) => outcomes.filter((outcome) => outcome === wanted).length;
    metrics.staged.inc({ feed }, count("staged"));
    metrics.deadLettered.inc({ feed }, count("dead"));
    for (const { data } of messages) this.bytesInHand -= data.length;
    this.nack(
      messages.filter((_, i) => outcomes[i] === "again"),
      false,
    );
    this.ack(messages.filter((_, i) => outcomes[i] !== "again"));
  }

  private ack(messages: readonly Pulled[]): void {
    const { metrics, feed, log } = this.options;
    void Promise.allSettled(messages.map((message) => message.ackWithResponse())).then((answers) => {
      const refused = answers.filter((answer) => answer.status === "rejected");
      metrics.acked.inc({ feed }, answers.length - refused.length);
      if (refused.length === 0) return;
      // They were late, or the service failed: the messages come again, and the log has them already.
      metrics.ackFailed.inc({ feed }, refused.length);
      log.debug({ feed, refused: refused.length, err: refused[0]!.reason as unknown }, "acknowledgements were refused");
    });
  }

  private nack(messages: readonly Pulled[], isCounted = true): void {
    if (isCounted) for (const { data } of messages) this.bytesInHand -= data.length;
    this.options.metrics.nacked.inc({ feed: this.options.feed }, messages.length);
    for (const message of messages) message.nack();
  }

  private holding(error: Error): void {
    const { log, feed } = this.options;
    const isExpected = error instanceof AppError;
    if (this.state === "waiting" || this.state === "closed") return;
    this.become("waiting", error.message);
    if (isExpected) log.warn({ feed, reason: error.message }, "messages cannot be staged and are held");
    else log.error({ feed, err: error }, "messages cannot be staged and are held");
  }

  /** Everything in hand goes back, and nothing more is received before there is room. */
  private giveBack(): void {
    const { log, feed } = this.options;
    log.warn({ feed, messages: this.inHand.length }, "pulling stops until there is room; messages are given back");
    this.nack(this.inHand.splice(0));
    this.reopen(async () => {
      do await this.options.pace.sleep(LOOK_FOR_ROOM_MS, this.stop.signal);
      while (!this.stop.signal.aborted && !this.options.ingest.hasRoom(feed));
    });
  }

  private failed(fault: PullFault): void {
    const { feed, subscription, log } = this.options;
    const isNew = this.reason !== fault.message;
    this.become(fault.kind === "missing" ? "missing" : "failing", fault.message);
    if (isNew) log.warn({ feed, subscription, reason: fault.message }, FAULT_ADVICE[fault.kind]);
    this.reopen(() => this.backOff(FIRST_REOPEN_MS, MAX_REOPEN_MS, this.failures++));
  }

  private recovered(): void {
    const { feed, subscription, log } = this.options;
    log.info({ feed, subscription, failures: this.failures }, "messages are pulled again");
    this.failures = 0;
    this.become("pulling", null);
  }

  private reopen(wait: () => Promise<void>): void {
    if (this.reopening !== null || this.stop.signal.aborted) return;
    const old = this.subscribed;
    const again = async () => {
      await old?.close();
      await wait();
      this.reopening = null;
      if (this.state === "closed" || this.stop.signal.aborted) return;
      if (this.state === "waiting") this.become("pulling", null);
      this.open();
    };
    this.reopening = again();
  }

  private async backOff(firstMs: number, maxMs: number, failures: number): Promise<void> {
    const ceiling = Math.min(maxMs, firstMs * 2 ** Math.min(failures, 16));
    await this.options.pace.sleep(ceiling * (0.5 + this.options.random() / 2), this.stop.signal);
  }

  private become(state: PullState, reason: string | null): void {
    if (this.state === "closed") return;
    this.state = state;
    this.reason = reason;
  }
}

const FAULT_ADVICE: Record<PullFault["kind"], string> = {
  missing: "there is no such subscription: create it with `weir pubsub setup`; it is looked for again",
  denied: "the subscription may not be consumed: grant roles/pubsub.subscriber on it; it is tried again",
  lost: "the stream of messages has ended; it is opened again",
};
