/** What a publisher may be told, read once. */
import type { Notice } from "./outcome.js";
import type { SpoolOptions } from "./spool.js";

/** A Weir server. */
export interface HttpOptions {
  /** `https://weir.example.org` */
  url: string;
  /** Bearer token, if the server wants one. */
  token?: string;
}

/** A Pub/Sub topic. Needs the package `@google-cloud/pubsub` and whatever credentials its client finds. */
export interface PubSubOptions {
  pubsub: {
    projectId: string;
    topic: string;
    /** Name of the field whose value is the ordering key (a correlation id, say). Unset = no order. */
    orderingField?: string;
    /** `host:port` of a server on this machine, without TLS and accounts. */
    apiEndpoint?: string;
  };
}

interface CommonOptions {
  feed: string;
  /** Folder for what cannot be sent; made when it is missing, one per feed and far end. Unset = none. */
  spool?: string | { folder: string; maxBytes?: number };
  /** An event waits for company until there are so many, so many bytes, or for so long. */
  batch?: { maxEvents?: number; maxBytes?: number; maxDelayMs?: number };
  /** Bound of events in memory; beyond half of it they go to the spool, beyond it `publish` refuses. */
  maxWaitingBytes?: number;
  /** Attempts at a request before its events go to the spool. Without a spool there is no such end. */
  tries?: number;
  requestTimeoutMs?: number;
  /** What `close` may take. */
  closeTimeoutMs?: number;
  /** Whether the end of the process writes what waits to the spool. */
  flushOnExit?: boolean;
  onNotice?: (notice: Notice) => void;
  /** Epoch ms, for the names of spooled files. */
  now?: () => number;
}

export type PublisherOptions = CommonOptions & (HttpOptions | PubSubOptions);

export interface Settings {
  feed: string;
  target: HttpOptions | PubSubOptions;
  spool: Pick<SpoolOptions, "folder" | "maxBytes"> | null;
  batch: { maxEvents: number; maxBytes: number; maxDelayMs: number };
  maxWaitingBytes: number;
  tries: number;
  requestTimeoutMs: number;
  closeTimeoutMs: number;
  flushOnExit: boolean;
  onNotice: (notice: Notice) => void;
  now: () => number;
}

const MIB = 1024 ** 2;

/** @throws TypeError that names the option, its value and what it may be */
export function readOptions(options: PublisherOptions): Settings {
  if (typeof options.feed !== "string" || options.feed === "") throw new TypeError("feed must name a feed.");
  const { batch = {}, spool } = options;
  return {
    feed: options.feed,
    target: "pubsub" in options ? { pubsub: options.pubsub } : { url: options.url, ...tokenOf(options) },
    spool: spool === undefined ? null : spoolOf(spool),
    batch: {
      // Beyond 1,000 rejected events the server refuses a request as a whole.
      maxEvents: whole("batch.maxEvents", batch.maxEvents, 500, 1, 1_000),
      maxBytes: whole("batch.maxBytes", batch.maxBytes, MIB, 1, 16 * MIB),
      maxDelayMs: whole("batch.maxDelayMs", batch.maxDelayMs, 20, 0, 60_000),
    },
    maxWaitingBytes: whole("maxWaitingBytes", options.maxWaitingBytes, 16 * MIB, 1, 2 ** 31),
    tries: whole("tries", options.tries, 4, 1, 100),
    requestTimeoutMs: whole("requestTimeoutMs", options.requestTimeoutMs, 15_000, 1, 600_000),
    closeTimeoutMs: whole("closeTimeoutMs", options.closeTimeoutMs, 10_000, 0, 600_000),
    flushOnExit: options.flushOnExit ?? true,
    onNotice: options.onNotice ?? (() => undefined),
    now: options.now ?? (() => Date.now()),
  };
}

const tokenOf = ({ token }: HttpOptions) => (token === undefined ? {} : { token });

function spoolOf(spool: NonNullable<PublisherOptions["spool"]>): Settings["spool"] {
  const { folder, maxBytes } = typeof spool === "string" ? { folder: spool, maxBytes: undefined } : spool;
  if (folder === "") throw new TypeError("spool must be a folder.");
  return { folder, maxBytes: whole("spool.maxBytes", maxBytes, 256 * MIB, 1, Number.MAX_SAFE_INTEGER) };
}

function whole(name: string, given: number | undefined, otherwise: number, min: number, max: number): number {
  const value = given ?? otherwise;
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw new TypeError(`${name} must be a whole number from ${min} to ${max} (it is ${String(value)}).`);
}
