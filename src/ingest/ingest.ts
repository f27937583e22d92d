/**
 * From the bytes of a publisher to committed rows: receive, decode and validate, stage, acknowledge, commit. What cannot be
 * taken goes to the feed's dead letters. One `Ingest` per process; it owns the staging areas and the committers.
 *
 * Promise (invariant 1): when `accept` returns, every event of the body is durably staged or a durable dead letter, or is
 * named in the error as not taken. Nothing that was acknowledged is ever deleted before the tables hold it.
 */
import { randomBytes } from "node:crypto";
import type { Logger } from "pino";
import type { Registry } from "prom-client";
import type { Clock } from "../clock";
import type { Storage } from "../lake/storage/storage";
import type { Commit, FeedWriter } from "../lake/writer";
import { AppError, type Rejection } from "../model/app-error";
import type { Feed } from "../model/feed";
import type { Row } from "../model/value";
import { fileEncoder } from "./avro/encode";
import { nothingAcceptable, rejection, type Batch } from "./batch";
import { feedCodec, type FeedCodec } from "./codec";
import { CATCHING_UP_MS, Committer, type CommitterState } from "./committer";
import { DeadLetters, type DeadLetter } from "./dead-letters";
import { InFlight } from "./in-flight";
import { ingestMetrics, type IngestMetrics } from "./ingest-metrics";
import { realPace, type Pace } from "./pace";
import { messageDecoder, sourceOf, type DecodeMessage, type SchemaRevisions } from "./pubsub/decode-message";
import { readDelivery } from "./pubsub/push-envelope";
import { takeMessages, type Outcome, type PulledDelivery } from "./pubsub/take-messages";
import { bodyFormat, readBody, type Incoming } from "./receive";
import { Staging, type StagingStatus } from "./staging";

export interface IngestLimits {
  /** Bytes of one body, inflated (WEIR_MAX_BODY). */
  maxBodyBytes: number;
  /** Bytes of one feed's staging area (WEIR_STAGING_MAX). */
  maxStagingBytes: number;
}

export interface IngestOptions {
  feeds: readonly Feed[];
  /** Where the dead letters of all feeds are. */
  deadLetters: { storage: Storage; folder: string };
  /** Where accepted events wait for their commit: a place that the engine reaches. */
  staging: { storage: Storage; folder: string };
  /** Processes share the staging areas: nothing is committed here until `lead` says so. */
  isShared?: boolean;
  limits: IngestLimits;
  clock: Clock;
  log: Logger;
  metrics: Registry;
  /** Null for a feed that somebody else writes: it is read-only. */
  writerOf(feed: Feed): FeedWriter | null;
  /** When pages can be shown: what only makes the first commit quicker is done after it. Absent = at once. Never rejects. */
  shown?: Promise<void>;
  /** Called after each commit that changed the tables. */
  onCommit(feed: Feed, commit: Commit): void;
  /** Called when this process has staged a file, and when a file is staged no more; both return at once and do not throw. */
  onStaged?(feed: Feed, file: string, rows: readonly Row[]): void;
  onUnstaged?(feed: Feed, file: string): void;
  /** Called when this process staged something that another one commits. */
  onStagedForOthers?(feed: Feed): void;
  /** Schemas that messages of Pub/Sub name; absent = the feed's own is taken for all of them. */
  schemaRevisions?: SchemaRevisions;
  pace?: Pace;
  random?: { bytes(size: number): Buffer; number(): number };
}

export interface Accepted {
  accepted: number;
  rejected: Rejection[];
}

/** A dead letter whose events are staged. */
export interface Replayed {
  answer: Accepted;
  letter: DeadLetter;
}

export interface IngestStatus {
  staged: StagingStatus;
  deadLetters: number;
  state: "live" | "catching-up" | "stalled" | "read-only";
  stalledReason: string | null;
}

interface Lane {
  feed: Feed;
  codec: FeedCodec;
  decodeMessage: DecodeMessage;
  staging: Staging;
  deadLetters: DeadLetters;
  /** Null while somebody else writes the feed. */
  committer: Committer | null;
  newCommitter: (() => Committer) | null;
  /** Why nothing is committed anywhere, as far as this process knows; of a feed that it does not write. */
  stalledReason: string | null;
}

/** Bodies of the largest size that may be in memory at once. */
const BODIES_IN_FLIGHT = 4;
/** About what a row of a derived feed takes, for the bound. */
const DERIVED_ROW_BYTES = 400;
/** Share of a staging area's bound below which a source that was told to wait begins again. */
const ROOMY = 0.75;

export class Ingest {
  private readonly inFlight: InFlight;
  private isClosed = false;

  private constructor(
    private readonly options: IngestOptions,
    private readonly lanes: ReadonlyMap<string, Lane>,
    private readonly metrics: IngestMetrics,
  ) {
    this.inFlight = new InFlight(BODIES_IN_FLIGHT * options.limits.maxBodyBytes);
  }

  /** Opens the staging areas of all feeds; nothing is committed before `start`. */
  static async open(options: IngestOptions): Promise<Ingest> {
    const lanes = await Promise.all(options.feeds.map((feed) => openLane(options, feed)));
    const byName = new Map(lanes.map((lane) => [lane.feed.name, lane]));
    const metrics = ingestMetrics(options.metrics, () =>
      lanes.map(({ feed, staging }) => ({ feed: feed.name, ...staging.status() })),
    );
    return new Ingest(options, byName, metrics);
  }

  start(): void {
    if (!this.options.isShared) for (const { name } of this.options.feeds) this.lead(name);
  }

  /** This process commits what is staged of a feed from now on, whoever staged it. */
  lead(feedName: string): void {
    const lane = this.lane(feedName);
    if (this.isClosed || lane.committer !== null || lane.newCommitter === null) return;
    lane.committer = lane.newCommitter();
    lane.committer.start();
  }

  /** Another process commits. Returns when a commit that was under way has ended. */
  async follow(feedName: string): Promise<void> {
    const lane = this.lane(feedName);
    const { committer } = lane;
    await committer?.close();
    if (lane.committer === committer) lane.committer = null;
  }

  /** Of a feed that another process writes: why nobody does at present, null = somebody does. */
  setStalled(feedName: string, reason: string | null): void {
    this.lane(feedName).stalledReason = reason;
  }

  /** Finds what other processes have staged or committed. */
  async look(feedName: string): Promise<void> {
    await this.lane(feedName).staging.look();
  }

  /** Finishes what is being written and committed; the rest stays staged for the next start. */
  async close(): Promise<void> {
    this.isClosed = true;
    await Promise.all([...this.lanes.values()].map((lane) => lane.staging.close()));
    await Promise.all([...this.lanes.values()].map(async (lane) => lane.committer?.close()));
  }

  /**
   * Takes the body of a publisher.
   *
   * @throws AppError unknown-feed, read-only, unsupported-type, too-large, bad-body, nothing-acceptable, staging-full,
   *   disk-full: the body stays with its sender. After a fault of the disk part of it may be kept; sent again, the log drops
   *   what it has
   */
  async accept(feedName: string, incoming: Incoming & { source: string }): Promise<Accepted> {
    const lane = this.writable(feedName);
    const format = bodyFormat(incoming.contentType);
    lane.staging.refuseWhenFull(0);
    return this.read(incoming, async (bytes) => {
      const batch = await lane.codec.decodeInTurns(format, bytes, this.options.clock.now());
      if (batch.rows.length === 0 && batch.rejected.length > 0) {
        throw nothingAcceptable("No event of the body can be taken; nothing of it was stored.", batch.rejected);
      }
      return this.keep(lane, batch, bytes.length, incoming.source);
    });
  }

  /**
   * Takes a delivery of a Pub/Sub push subscription. Returns when the message may be acknowledged: what it holds is staged,
   * or the message is a dead letter, because one that cannot be read would be delivered again for ever.
   *
   * @param incoming the envelope, JSON
   * @throws AppError bad-body when it is no delivery at all; staging-full, disk-full: to be delivered again
   */
  async pubsubPush(feedName: string, incoming: Incoming): Promise<Accepted> {
    const lane = this.writable(feedName);
    lane.staging.refuseWhenFull(0);
    return this.read(incoming, async (bytes) => {
      const delivery = readDelivery(bytes);
      const batch = await lane.decodeMessage(delivery, this.options.clock.now());
      return this.keep(lane, batch, delivery.data.length, sourceOf(delivery));
    });
  }

  /**
   * Takes the first of these messages of a pull, as many as one staged file holds, and says what to do with each. A message
   * that was staged or is a dead letter may be acknowledged.
   *
   * @param messages in the order in which they arrived, at least one
   * @throws AppError read-only; staging-full, disk-full: all of them stay with Pub/Sub
   */
  async takeMessages(feedName: string, messages: readonly PulledDelivery[]): Promise<Outcome[]> {
    const lane = this.writable(feedName);
    lane.staging.refuseWhenFull(0);
    const { outcomes, rows, deadLetters } = await takeMessages(lane, messages, this.options.clock.now());
    this.metrics.accepted.inc({ feed: feedName }, rows);
    this.metrics.rejected.inc({ feed: feedName }, deadLetters);
    return outcomes;
  }

  /** Whether this process commits what is staged of a feed. */
  leads(feedName: string): boolean {
    return this.lane(feedName).committer !== null;
  }

  /**
   * Keeps rows that Weir computed itself, of a feed that is derived from another. Returns when they are in the tables.
   *
   * @throws AppError staging-full, disk-full
   */
  async keepDerived(feedName: string, rows: readonly Row[]): Promise<void> {
    const lane = this.lane(feedName);
    await lane.staging.stage(rows, rows.length * DERIVED_ROW_BYTES);
    await lane.committer?.whenDrained();
  }

  /** Whether a staging area that was full has room again: enough for taking up to be worth while. */
  hasRoom(feedName: string): boolean {
    const { bytes } = this.lane(feedName).staging.status();
    return bytes <= this.options.limits.maxStagingBytes * ROOMY;
  }

  /** The dead letters of a feed. @throws AppError unknown-feed */
  deadLetters(feedName: string): DeadLetters {
    return this.lane(feedName).deadLetters;
  }

  /**
   * Takes a dead letter as if its bytes had just been sent; it is gone when its events are staged.
   *
   * @param onStaged told what was done as soon as it is: the letter may stay though, on a disk that does not let go of it
   * @throws AppError not-found, and as `accept`: then the letter stays
   */
  async replay(feedName: string, id: string, onStaged?: (done: Replayed) => void): Promise<Accepted> {
    const lane = this.writable(feedName);
    const { letter, raw } = await lane.deadLetters.read(id);
    const batch = await lane.codec.decodeInTurns(raw.format, raw.bytes, this.options.clock.now());
    if (batch.rejected.length > 0) {
      throw nothingAcceptable("The dead letter still cannot be taken and is kept.", batch.rejected);
    }
    const answer = await this.keep(lane, batch, raw.bytes.length, letter.source);
    onStaged?.({ answer, letter });
    await lane.deadLetters.remove(id);
    return answer;
  }

  /** The body is held, and counted, until `take` is done with it. */
  private async read<T>(incoming: Incoming, take: (bytes: Buffer) => Promise<T>): Promise<T> {
    const { body, take: count, release } = this.inFlight.meter(incoming.body);
    try {
      const { maxBodyBytes, maxStagingBytes } = this.options.limits;
      // What staging could never hold is not asked for again.
      const maxBytes = Math.min(maxBodyBytes, maxStagingBytes);
      return await take(await readBody({ ...incoming, body }, maxBytes, count));
    } finally {
      release();
    }
  }

  /** Stages the good, then keeps the bad: a sender who is refused in between sends both again, and the log drops what it has. */
  private async keep(lane: Lane, { rows, rejected }: Batch, bytes: number, source: string): Promise<Accepted> {
    lane.deadLetters.refuseWhenFull(rejected);
    if (rows.length > 0) await lane.staging.stage(rows, bytes);
    const ids = await lane.deadLetters.add(rejected, source);
    this.metrics.accepted.inc({ feed: lane.feed.name }, rows.length);
    this.metrics.rejected.inc({ feed: lane.feed.name }, rejected.length);
    return { accepted: rows.length, rejected: rejected.map((one, i) => rejection(one, ids[i]!)) };
  }

  /** @throws AppError unknown-feed */
  status(feedName: string): IngestStatus {
    const lane = this.lane(feedName);
    const { staging, deadLetters } = lane;
    const state = stateOf(lane, this.options.clock.now());
    return {
      staged: staging.status(),
      deadLetters: deadLetters.size,
      state: state.state,
      stalledReason: state.state === "stalled" ? state.reason : null,
    };
  }

  /** Resolves when everything that is staged now, and what arrives until then, is in the tables. */
  async whenDrained(): Promise<void> {
    await Promise.all([...this.lanes.values()].map(async (lane) => lane.committer?.whenDrained()));
  }

  private lane(feedName: string): Lane {
    const lane = this.lanes.get(feedName);
    if (!lane) throw new AppError("unknown-feed", `There is no feed ${JSON.stringify(feedName.slice(0, 80))}.`);
    return lane;
  }

  private writable(feedName: string): Lane {
    const lane = this.lane(feedName);
    if (lane.newCommitter === null) {
      throw new AppError("read-only", `Feed ${feedName} is written by another job; publish to that job instead.`);
    }
    const { derivedFrom } = lane.feed;
    if (derivedFrom !== null) {
      const cure = `publish the events that it follows from to ${derivedFrom}.`;
      throw new AppError("read-only", `Feed ${feedName} is computed from feed ${derivedFrom} by Weir itself; ${cure}`);
    }
    return lane;
  }
}

function stateOf({ committer, newCommitter, stalledReason, staging }: Lane, now: number): CommitterState | ReadOnly {
  if (committer) return committer.status;
  if (newCommitter === null) return { state: "read-only" };
  if (stalledReason !== null) return { state: "stalled", reason: stalledReason };
  const { oldestAt } = staging.status();
  return { state: oldestAt !== null && now - oldestAt > CATCHING_UP_MS ? "catching-up" : "live" };
}

interface ReadOnly {
  state: "read-only";
}

async function openLane(options: IngestOptions, feed: Feed): Promise<Lane> {
  const { clock, limits } = options;
  const log = options.log.child({ feed: feed.name });
  const random = options.random ?? { bytes: randomBytes, number: Math.random };
  const codec = feedCodec(feed, limits.maxBodyBytes);
  const staging = await Staging.open({
    feed,
    ...options.staging,
    clock,
    log,
    maxBytes: limits.maxStagingBytes,
    encode: fileEncoder(feed),
    decode: (bytes) => codec.decodeStaged(bytes),
    randomBytes: random.bytes,
    onStaged: (file, rows) => {
      if (lane.committer) lane.committer.nudge();
      else options.onStagedForOthers?.(feed);
      options.onStaged?.(feed, file, rows);
    },
    onFound: () => lane.committer?.nudge(),
    onGone: (file) => options.onUnstaged?.(feed, file),
    ...(options.isShared && { isShared: true }),
  });
  const deadLetters = await DeadLetters.open({
    feed: feed.name,
    ...options.deadLetters,
    clock,
    log,
    randomBytes: random.bytes,
  });
  const writer = options.writerOf(feed);
  const newCommitter =
    writer &&
    (() =>
      new Committer({
        staging,
        writer,
        pace: options.pace ?? realPace,
        log,
        random: random.number,
        now: () => clock.now(),
        shown: options.shown ?? Promise.resolve(),
        onCommit: (commit) => options.onCommit(feed, commit),
      }));
  const lane: Lane = {
    feed,
    codec,
    decodeMessage: messageDecoder(feed, codec, options.schemaRevisions),
    staging,
    deadLetters,
    committer: null,
    newCommitter,
    stalledReason: null,
  };
  return lane;
}
