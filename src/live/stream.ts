/**
 * The beginning of a stream: where each of its topics starts, the greeting, what the client has missed. Everything that needs
 * waiting comes first; the greeting, the missed part and joining the hub happen in one turn, so that no frame falls between.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Head } from "../lake/reader";
import type { Log } from "../log";
import type { Delta, ViewDelta } from "../model/delta";
import type { Feed } from "../model/feed";
import type { AccessLost } from "../model/stream-access";
import { comparePositions, parsePosition, positionOf, type Position } from "../model/position";
import { catchUpFeed, deltaTo, wholeView, type CaughtUp } from "./catch-up";
import type { FeedFollower } from "./follower";
import {
  byeText,
  deltaText,
  helloText,
  previewText,
  Piece,
  resetText,
  type ByeReason,
  type ResetReason,
} from "./frames";
import type { Hub } from "./hub";
import type { DerivedView } from "./live";
import type { LiveMeasures } from "./measures";
import { parseSince, type Since, type Wanted } from "../model/since";
import type { PreviewLane } from "./preview";
import { acceptsGzip, Subscriber } from "./subscriber";
import type { Topic } from "./topic";

export interface StreamSource extends Wanted {
  follower: FeedFollower;
  feed: Feed;
  view: DerivedView | null;
}

export interface StreamParts {
  hub: Hub;
  measures: LiveMeasures;
  viewChanges: (view: DerivedView, since: Head, until: Head | null) => Promise<Delta>;
  log: Log;
  /** Aborts when whoever follows may not any more; null = that cannot happen. */
  access: AbortSignal | null;
}

/** Where one topic starts: the frames after `seq` are still to be sent, and before them `missed`, if the ring lacks a part. */
type Start =
  | { kind: "at"; topic: Topic; since: Position; seq: number; missed: ViewDelta | null; preview: PreviewLane | null }
  | { kind: "reset"; topic: Topic; reason: ResetReason };

/** How long a stream waits for its feed's first load, and for a commit that the client has seen on another instance. */
const READY_MS = 10_000;
const AHEAD_MS = 2_000;

/** Resolves when the connection is closed. */
export async function openStream(
  parts: StreamParts,
  request: IncomingMessage,
  response: ServerResponse,
  sources: readonly StreamSource[],
): Promise<void> {
  const { hub } = parts;
  const closed = new Promise<void>((resolve) => response.once("close", resolve));
  const subscribe = (): Subscriber =>
    new Subscriber(response, acceptsGzip(request.headers["accept-encoding"]), hub.rotateAt());
  request.socket.setKeepAlive(true, 30_000);
  const bye = (reason: ByeReason, minMs: number, maxMs: number) => {
    parts.measures.byes.inc({ reason });
    refuse(subscribe(), byeText(reason, hub.jitter(minMs, maxMs)));
    return closed;
  };
  const noRoom = () => (hub.isClosed ? "drain" : hub.isFull ? "full" : null);
  const refusal = noRoom();
  if (refusal) return bye(refusal, 10_000, 30_000);
  const starts: Start[] = [];
  try {
    for (const source of sources) {
      await source.follower.ready(READY_MS);
      starts.push(await startOf(parts, source));
    }
  } catch (error) {
    parts.log.warn(
      { error, topics: sources.map(({ topic }) => topic) },
      "a stream could not begin; its client comes back",
    );
    return bye("drain", 2_000, 6_000);
  }
  if (response.destroyed) return;
  // Others may have come, or the server may be ending, since this stream was let in.
  const late = noRoom();
  if (late) return bye(late, 10_000, 30_000);
  const subscriber = subscribe();
  subscriber.isExact = sources.every(({ since, isExact }) => since !== null && isExact);
  void closed.then(() => hub.gone(subscriber));
  const reset = starts.find((start) => start.kind === "reset");
  if (reset) {
    parts.measures.resets.inc({ reason: reset.reason });
    refuse(subscriber, resetText(reset.topic.name, reset.reason, reset.topic.head.position));
  } else {
    greet(hub, subscriber, starts as Extract<Start, { kind: "at" }>[]);
    if (parts.access) endWhenLost(hub, subscriber, parts.access, closed);
  }
  return closed;
}

/** Access that was lost while the stream was being prepared ends it right after its greeting. */
function endWhenLost(hub: Hub, subscriber: Subscriber, access: AbortSignal, closed: Promise<void>): void {
  const end = () => hub.withdraw(subscriber, (access.reason as AccessLost).topic);
  if (access.aborted) return end();
  access.addEventListener("abort", end, { once: true });
  void closed.then(() => access.removeEventListener("abort", end));
}

function refuse(subscriber: Subscriber, text: string): void {
  subscriber.write(new Piece(text));
  subscriber.end();
}

function greet(hub: Hub, subscriber: Subscriber, starts: readonly Extract<Start, { kind: "at" }>[]): void {
  const retryMs = hub.jitter(2_000, 8_000);
  const pieces: Piece[] = [];
  const sent = new Map<Topic, number>();
  for (const { topic, since, seq, missed, preview } of starts) {
    const { position, committedAt } = topic.head;
    const hello = {
      topic: topic.name,
      epoch: topic.epoch,
      since,
      head: position,
      at: committedAt,
      hb: hub.limits.heartbeatMs / 1_000,
    };
    pieces.push(new Piece(helloText(hello, topic.shape, retryMs)));
    if (missed) pieces.push(new Piece(deltaText(topic.name, missed)));
    const up = preview?.rows() ?? [];
    if (up.length > 0) pieces.push(new Piece(previewText(topic.name, { up, del: [] })));
    sent.set(topic, seq);
  }
  subscriber.writeAll(pieces);
  hub.join(subscriber, sent);
}

async function startOf(parts: StreamParts, source: StreamSource): Promise<Start> {
  const topic = source.follower.topic(source.topic)!;
  const preview = source.view === null ? source.follower.preview : null;
  const at = (since: Position, seq: number, missed: ViewDelta | null): Start => ({
    kind: "at",
    topic,
    since,
    seq,
    missed,
    preview,
  });
  const reset = (reason: ResetReason): Start => ({ kind: "reset", topic, reason });
  if (source.since === null) return at(topic.head.position, topic.seq, null);
  const parsed = parseSince(source.since);
  if (parsed === null) return reset("bad-since");
  const since = await positionOfSince(source, parsed);
  if (since === null) return reset("expired");
  if (comparePositions(since, topic.head.position) === null) return reset("epoch");
  const isAhead = () => comparePositions(since, topic.head.position)! > 0;
  // Another instance may have shown the client a commit that has not been seen here yet.
  if (isAhead() && !(await source.follower.refresh(() => !isAhead(), AHEAD_MS))) return reset("bad-since");
  const seq = topic.seqAt(since, source.isExact);
  if (seq !== null) return at(since, seq, null);
  // The lake tells what differs between two positions; for a page that stands between them that is not enough.
  if (!source.isExact) return reset("behind");
  const seqNow = topic.seq;
  const caughtUp = await catchUp(parts, source, topic, since);
  if (caughtUp.kind === "reset") return reset(caughtUp.reason);
  return at(since, seqNow, caughtUp.delta);
}

/** Null when the instant or time lies before what is kept. */
async function positionOfSince({ follower, view, topic }: StreamSource, since: Since): Promise<Position | null> {
  if (since.kind === "position") return since.position;
  if (since.kind === "start") return positionOf(follower.topic(topic)!.epoch, "0");
  const { epoch, head } = follower.topic(topic)!;
  const newest = parsePosition(head.position)!.instant;
  // It lies ahead: whether it comes is seen when the tables are looked at again.
  if (since.kind === "instant" && since.instant > newest) return positionOf(epoch, since.instant);
  const at = since.kind === "instant" ? { instant: since.instant } : { time: since.time };
  const resolved = await follower.reader.resolve(at);
  if (resolved.kind === "gone") return null;
  return view === null ? resolved.position : follower.derivedPosition(resolved.position);
}

/** From `since` to the topic's present head, whatever it is by the time the lake has answered: later frames follow it. */
async function catchUp(parts: StreamParts, source: StreamSource, topic: Topic, since: Position): Promise<CaughtUp> {
  const { follower, view, feed } = source;
  const head = topic.head;
  const picture = follower.picture()!;
  const point = parsePosition(since)!;
  if (point.instant === "0")
    return wholeView(since, head, view === null ? picture.rows : picture.derived!.rows(view.view));
  if (view === null) return catchUpFeed(feed, follower.reader, since, head, picture.rows);
  const before = await follower.reader.resolve({ position: positionOf(follower.reader.epoch, point) });
  if (before.kind === "gone") return { kind: "reset", reason: "expired" };
  const now = { position: picture.position, instant: picture.instant, committedAt: picture.committedAt };
  const { up, del } = await parts.viewChanges(view, before, now);
  return { kind: "delta", delta: deltaTo(head, since, up, del) };
}
