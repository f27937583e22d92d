/**
 * Follows a feed over its event stream, by the same rules as a page (docs/live-protocol.md): it takes a frame if and only if it
 * continues what it has, reconnects at its position with growing waits, and takes silence for a broken link.
 */
import { createParser, type EventSourceMessage } from "eventsource-parser";
import {
  nextLink,
  startLink,
  type Happening,
  type Link,
  type LinkEnd,
  type LinkState,
} from "../../components/live/connection";
import type { ViewDelta } from "../../model/delta";
import { decideFrame, type Position } from "../../model/position";
import { UsageError } from "../usage";
import { open, type Server } from "./server-calls";

export interface FollowOptions {
  server: Server;
  feed: string;
  schemaId: string;
  since: Position;
  onDelta: (delta: ViewDelta) => void;
  /** `reason` is why a link was lost, where that is known. */
  onLink: (link: Link, reason: string | null) => void;
  signal: AbortSignal;
}

interface Hello {
  since: Position;
  schemaId: string;
  hb: number;
}

const TICK_MS = 1_000;

/** Resolves with why the stream cannot be continued, or "closed" after the signal. @throws UsageError */
export function follow(options: FollowOptions): Promise<LinkEnd> {
  return new Promise((resolve, reject) => new Follower(options, resolve, reject).start());
}

class Follower {
  readonly #options: FollowOptions;
  readonly #resolve: (end: LinkEnd) => void;
  readonly #reject: (error: unknown) => void;
  #state: LinkState;
  #cursor: Position;
  #stream: AbortController | null = null;
  #timer: NodeJS.Timeout | null = null;
  #reason: string | null = null;

  constructor(options: FollowOptions, resolve: (end: LinkEnd) => void, reject: (error: unknown) => void) {
    this.#options = options;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#cursor = options.since;
    [this.#state] = startLink(Date.now(), false);
  }

  start(): void {
    this.#timer = setInterval(() => this.#happen({ kind: "tick" }), TICK_MS);
    const { signal } = this.#options;
    if (signal.aborted) return this.#happen({ kind: "close" });
    signal.addEventListener("abort", () => this.#happen({ kind: "close" }), { once: true });
    void this.#connect();
  }

  #happen(happening: Happening): void {
    const before = this.#state.link;
    const [next, effect] = nextLink(this.#state, happening, Date.now(), Math.random());
    this.#state = next;
    if (effect !== null) this.#stream?.abort();
    if (effect === "open") void this.#connect();
    if (next.link !== before) this.#options.onLink(next.link, this.#reason);
    if (next.link.kind === "ended") this.#end(() => this.#resolve((next.link as { reason: LinkEnd }).reason));
  }

  #end(settle: () => void): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#stream?.abort();
    settle();
  }

  async #connect(): Promise<void> {
    const stream = new AbortController();
    this.#stream = stream;
    const { server, feed } = this.#options;
    const path = `feeds/${encodeURIComponent(feed)}/live?since=${encodeURIComponent(this.#cursor)}`;
    const isPresent = () => stream === this.#stream && !stream.signal.aborted;
    try {
      const response = await open(server, path, "text/event-stream", stream.signal);
      const parser = createParser({ onEvent: (event) => isPresent() && this.#take(event) });
      const reader = response.body!.getReader();
      const decoder = new TextDecoder();
      for (let read = await reader.read(); !read.done; read = await reader.read())
        parser.feed(decoder.decode(read.value, { stream: true }));
      this.#reason = "the stream ended";
    } catch (error) {
      if (error instanceof UsageError && isPresent()) return this.#end(() => this.#reject(error));
      this.#reason = reasonOf(error);
    }
    if (isPresent()) this.#happen({ kind: "failed" });
  }

  #take({ event, data }: EventSourceMessage): void {
    const said = JSON.parse(data) as unknown;
    switch (event) {
      case "hello":
        return this.#greet(said as Hello);
      case "delta":
        return this.#takeDelta(said as ViewDelta);
      case "reset":
        return this.#happen({ kind: "reset", reason: (said as { reason: LinkEnd }).reason });
      case "schema":
        return this.#happen({ kind: "reset", reason: "schema" });
      case "bye":
        return this.#happen({ kind: "bye", afterMs: (said as { after: number }).after });
      default:
        return this.#happen({ kind: "heard" });
    }
  }

  #greet({ schemaId, hb }: Hello): void {
    if (schemaId !== this.#options.schemaId) return this.#happen({ kind: "reset", reason: "schema" });
    this.#happen({ kind: "greeted", heartbeatMs: hb * 1_000 });
  }

  #takeDelta(delta: ViewDelta): void {
    this.#happen({ kind: "heard" });
    const decision = decideFrame(this.#cursor, delta.from, delta.to);
    if (decision === "drop") return;
    if (decision === "reset") return this.#happen({ kind: "reset", reason: "epoch" });
    if (decision === "gap") {
      this.#reason = "frames were lost";
      return this.#happen({ kind: "failed" });
    }
    this.#cursor = delta.to;
    this.#options.onDelta(delta);
  }
}

function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  const inner = cause instanceof Error ? cause : (error as Error);
  return inner.message || ((inner as NodeJS.ErrnoException).code ?? inner.name);
}
