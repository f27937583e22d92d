/**
 * Brings every subscriber to the head of its topics. There is no queue per client: a subscriber remembers the last frame that
 * it was given, and each round writes what came after, which is the shared frame of the commit for all that keep up and one
 * conflated frame for those that did not. A client that has not taken the last write is passed over, looked at again shortly,
 * and dropped after a while; nobody waits for it (docs/live-protocol.md, rules 20 to 26).
 */
import type { Clock } from "../clock";
import { byeText, heartbeatText, Piece, resetText, type ByeReason, type ResetReason } from "./frames";
import type { LiveMeasures } from "./measures";
import { type Subscriber } from "./subscriber";
import type { Topic } from "./topic";

export interface HubLimits {
  connections: number;
  heartbeatMs: number;
  /** A stream ends after this time × U(0.8, 1). */
  lifetimeMs: number;
  /** How long a client may leave a write untaken. */
  behindMs: number;
  /** Bytes that one catch-up may have, and that may wait for a client. */
  backlogBytes: number;
  /** Subscribers served per turn of the event loop. */
  slice: number;
}

export const HUB_LIMITS: HubLimits = {
  connections: 20_000,
  heartbeatMs: 15_000,
  lifetimeMs: 600_000,
  behindMs: 10_000,
  backlogBytes: 8 * 1024 * 1024,
  slice: 250,
};

const SWEEP_MS = 100;

export class Hub {
  readonly limits: HubLimits;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #measures: LiveMeasures;
  readonly #followers = new Map<Topic, Set<Subscriber>>();
  readonly #all = new Set<Subscriber>();
  readonly #behind = new Set<Subscriber>();
  /** Streams that were ended, with the time by which their clients must have taken the rest. */
  readonly #ending = new Map<Subscriber, number>();
  readonly #dirty = new Set<Topic>();
  #isServing = false;
  #isClosed = false;
  #elapsed = 0;
  #seenAt: number;
  #nextBeatAt: number;
  readonly #timer: NodeJS.Timeout;

  /** @param random uniform in [0, 1) */
  constructor(limits: HubLimits, clock: Clock, random: () => number, measures: LiveMeasures) {
    this.limits = limits;
    this.#clock = clock;
    this.#random = random;
    this.#measures = measures;
    this.#seenAt = clock.now();
    this.#nextBeatAt = limits.heartbeatMs;
    // One timer for all streams. Heartbeats and rotation are due by the time that passed, the timer only looks.
    this.#timer = setInterval(() => this.#look(), Math.min(SWEEP_MS, limits.heartbeatMs));
    this.#timer.unref();
  }

  get size(): number {
    return this.#all.size;
  }

  get isFull(): boolean {
    return this.#all.size >= this.limits.connections;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** A random time for clients to come back after, so that they do not all come at once. */
  jitter(minMs: number, maxMs: number): number {
    return Math.round(minMs + this.#random() * (maxMs - minMs));
  }

  /** In the hub's own time. */
  rotateAt(): number {
    return this.#time() + this.limits.lifetimeMs * (0.8 + 0.2 * this.#random());
  }

  /**
   * Takes a stream that has been served up to `sent`; what comes after follows at once, in this turn, so that nothing falls
   * between.
   */
  join(subscriber: Subscriber, sent: ReadonlyMap<Topic, number>): void {
    this.#all.add(subscriber);
    this.#measures.connections.set(this.#all.size);
    for (const [topic, seq] of sent) {
      subscriber.sent.set(topic, seq);
      const set = this.#followers.get(topic);
      if (set) set.add(subscriber);
      else this.#followers.set(topic, new Set([subscriber]));
    }
    this.#measures.deliveries.inc(this.#serve(subscriber, sent.keys()));
  }

  leave(subscriber: Subscriber): void {
    if (!this.#all.delete(subscriber)) return;
    this.#behind.delete(subscriber);
    for (const topic of subscriber.sent.keys()) this.#followers.get(topic)?.delete(subscriber);
    this.#measures.connections.set(this.#all.size);
    this.#measures.behind.set(this.#behind.size);
  }

  /** The connection is closed. */
  gone(subscriber: Subscriber): void {
    this.leave(subscriber);
    this.#ending.delete(subscriber);
  }

  /** Topics have new frames. Returns at once; further commits while a round is under way join the next one. */
  publish(topics: readonly Topic[]): void {
    for (const topic of topics) {
      this.#measures.frames.inc({ topic: topic.name });
      this.#dirty.add(topic);
    }
    if (!this.#isServing) void this.#rounds();
  }

  /**
   * Tells all followers of a topic of something that has no position. It is small, rare and not in any ring, so it is written
   * to slow clients too: what waits for them stays bounded, because they are cut when they do not catch up.
   */
  note(topic: Topic, text: string): void {
    const followers = this.#followers.get(topic);
    if (!followers || followers.size === 0) return;
    const piece = new Piece(text);
    for (const subscriber of followers) subscriber.write(piece);
  }

  /** Tells all followers of a topic to load again. */
  reset(topic: Topic, reason: ResetReason): void {
    const piece = new Piece(resetText(topic.name, reason, topic.head.position));
    for (const subscriber of [...(this.#followers.get(topic) ?? [])]) this.#reset(subscriber, piece, reason);
  }

  /** Whoever follows may not any more: one topic, or (null) anything. */
  withdraw(subscriber: Subscriber, topicName: Topic["name"] | null): void {
    if (!this.#all.has(subscriber)) return;
    const topic = [...subscriber.sent.keys()].find(({ name }) => name === topicName);
    if (topic === undefined) this.bye(subscriber, "access", this.jitter(500, 2_000));
    else this.#reset(subscriber, new Piece(resetText(topic.name, "access", topic.head.position)), "access");
  }

  /** Says good-bye to everybody, in random order, and ends what does not end by itself. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    for (const subscriber of [...this.#all]) this.bye(subscriber, "drain", this.jitter(500, 5_000));
    await new Promise((resolve) => setImmediate(resolve));
    for (const subscriber of [...this.#ending.keys()]) subscriber.cut();
    this.#ending.clear();
  }

  bye(subscriber: Subscriber, reason: ByeReason, afterMs: number): void {
    this.#measures.byes.inc({ reason });
    this.#farewell(subscriber, new Piece(byeText(reason, afterMs)));
  }

  async #rounds(): Promise<void> {
    this.#isServing = true;
    try {
      while (this.#dirty.size > 0 && !this.#isClosed) {
        const topics = [...this.#dirty];
        this.#dirty.clear();
        const followed = topics.filter((topic) => (this.#followers.get(topic)?.size ?? 0) > 0);
        for (const topic of followed) {
          const newest = topic.after(topic.seq - 1);
          if (newest !== "lost") for (const frame of newest) await frame.piece().compress();
        }
        const subscribers = new Set(followed.flatMap((topic) => [...(this.#followers.get(topic) ?? [])]));
        await this.#round([...subscribers], followed);
      }
    } finally {
      this.#isServing = false;
    }
  }

  async #round(subscribers: readonly Subscriber[], topics: readonly Topic[]): Promise<void> {
    for (let start = 0; start < subscribers.length; start += this.limits.slice) {
      // A turn between slices lets requests and commits through, and makes backlogs of earlier writes visible.
      await new Promise((resolve) => setImmediate(resolve));
      let written = 0;
      for (const subscriber of subscribers.slice(start, start + this.limits.slice)) {
        if (!this.#all.has(subscriber)) continue;
        if (subscriber.behindSince !== null) continue;
        if (subscriber.backlog > 0) this.#fallBehind(subscriber);
        else written += this.#serve(subscriber, topics);
      }
      this.#measures.deliveries.inc(written);
    }
  }

  /** Writes everything that a subscriber has not yet of these topics. @returns how many frames that were */
  #serve(subscriber: Subscriber, topics: Iterable<Topic>): number {
    const pieces: Piece[] = [];
    for (const topic of topics) {
      const seq = subscriber.sent.get(topic);
      if (seq === undefined || seq >= topic.seq) continue;
      const frames = topic.after(seq);
      if (frames === "lost") return this.#lost(subscriber, topic);
      if (!subscriber.isExact && frames.some(({ isLeap }) => isLeap)) return this.#lost(subscriber, topic);
      for (const frame of frames) pieces.push(frame.piece());
      if (seq < topic.seq - 1) {
        if (pieces.reduce((sum, { raw }) => sum + raw.plain.length, 0) > this.limits.backlogBytes) {
          return this.#lost(subscriber, topic);
        }
        this.#measures.conflated.inc(frames.length);
      }
      subscriber.sent.set(topic, topic.seq);
    }
    if (pieces.length === 1) subscriber.write(pieces[0]!);
    else if (pieces.length > 1) subscriber.writeAll(pieces);
    return pieces.length;
  }

  /** Its place in the ring is gone, or the way to the head is longer than loading the page again. */
  #lost(subscriber: Subscriber, topic: Topic): number {
    this.#reset(subscriber, new Piece(resetText(topic.name, "behind", topic.head.position)), "behind");
    return 0;
  }

  #reset(subscriber: Subscriber, piece: Piece, reason: ResetReason): void {
    this.#measures.resets.inc({ reason });
    this.#farewell(subscriber, piece);
  }

  /** The last words of a stream. A client that does not take them in time is cut. */
  #farewell(subscriber: Subscriber, piece: Piece): void {
    subscriber.write(piece);
    subscriber.end();
    this.leave(subscriber);
    this.#ending.set(subscriber, this.#time() + this.limits.behindMs);
  }

  #fallBehind(subscriber: Subscriber): void {
    subscriber.behindSince = this.#time();
    this.#behind.add(subscriber);
    this.#measures.behind.set(this.#behind.size);
  }

  /** Milliseconds that have passed since the hub was made. A clock that steps back must not silence the heartbeats. */
  #time(): number {
    const now = this.#clock.now();
    this.#elapsed += Math.max(0, now - this.#seenAt);
    this.#seenAt = now;
    return this.#elapsed;
  }

  #look(): void {
    const now = this.#time();
    for (const subscriber of [...this.#behind]) this.#lookAtSlow(subscriber, now);
    for (const [subscriber, deadline] of [...this.#ending]) if (now >= deadline) subscriber.cut();
    if (now < this.#nextBeatAt) return;
    this.#nextBeatAt = now + this.limits.heartbeatMs;
    this.#beat(this.#clock.now());
    for (const subscriber of [...this.#all]) {
      if (now >= subscriber.rotateAt) this.bye(subscriber, "rotate", this.jitter(0, 1_000));
    }
  }

  #lookAtSlow(subscriber: Subscriber, now: number): void {
    if (subscriber.backlog === 0) {
      subscriber.behindSince = null;
      this.#behind.delete(subscriber);
      this.#measures.behind.set(this.#behind.size);
      this.#measures.deliveries.inc(this.#serve(subscriber, subscriber.sent.keys()));
    } else if (now - subscriber.behindSince! >= this.limits.behindMs || subscriber.backlog > this.limits.backlogBytes) {
      this.#measures.byes.inc({ reason: "slow" });
      subscriber.cut();
      this.leave(subscriber);
    }
  }

  /** A heartbeat is a bookmark too: whoever has every frame stands at the head, also when the last commits changed nothing. */
  #beat(now: number): void {
    // What this turn has written itself still counts as backlog: only the first look at a subscriber tells.
    const beaten = new Set<Subscriber>();
    for (const [topic, followers] of this.#followers) {
      if (followers.size === 0) {
        this.#followers.delete(topic);
        continue;
      }
      const piece = new Piece(heartbeatText(topic.name, topic.head.position, now));
      for (const subscriber of followers) {
        if (subscriber.behindSince !== null || subscriber.sent.get(topic) !== topic.seq) continue;
        if (subscriber.backlog > 0 && !beaten.has(subscriber)) this.#fallBehind(subscriber);
        else {
          beaten.add(subscriber);
          subscriber.write(piece);
        }
      }
    }
  }
}
