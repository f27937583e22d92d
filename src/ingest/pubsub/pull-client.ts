/**
 * Pulling, behind one small shape. This file is the one door to the client library for the server (setup.ts is the other, for
 * the command line): its classes and errors end here. The library brings the streams, their reconnection, the leases of
 * messages that are in hand and the batching of acknowledgements.
 */
import { Duration, PubSub, SubscriptionCloseBehaviors, type Message, type Subscription } from "@google-cloud/pubsub";
import { PassThroughClient } from "google-auth-library";

export interface PubsubAddress {
  project: string;
  /** `host:port` of a server without accounts, for development and tests; null = Google's. */
  emulatorHost: string | null;
}

/** A message that is in hand: its lease is extended until it is settled. */
export type Pulled = Pick<
  Message,
  "id" | "data" | "attributes" | "orderingKey" | "deliveryAttempt" | "publishTime" | "nack" | "ackWithResponse"
>;

export interface PullFault {
  /** missing: no such subscription; denied: no right to it; lost: anything else that ended the stream for good. */
  kind: "missing" | "denied" | "lost";
  message: string;
}

export interface PullHandlers {
  message(message: Pulled): void;
  /** The streams have ended and will not come back; messages in hand may still be settled. */
  failed(fault: PullFault): void;
  /** What the library mends by itself: a stream that closed, acknowledgements that did not arrive. */
  noticed(message: string): void;
}

export interface FlowLimits {
  /** Messages and bytes in hand, beyond which the server sends no more. */
  maxMessages: number;
  maxBytes: number;
}

export interface OpenSubscription {
  /** No more messages; those in hand may be settled for as long as `drainMs`, the rest is given back. */
  close(): Promise<void>;
}

export interface PullClient {
  subscribe(subscription: string, limits: FlowLimits, handlers: PullHandlers, drainMs: number): OpenSubscription;
  /** The definition of a revision of a schema; null when it is not there or may not be read. @throws when it cannot be asked */
  schema(name: string): Promise<string | null>;
  close(): Promise<void>;
}

/** One stream keeps the order in which the server sends; its flow control counts per stream. */
const STREAMS = 1;
/** How long acknowledgements wait for others. Each waits so long, so it is a part of the age of what is in hand. */
const ACK_BATCH = { maxMessages: 2_500, maxMilliseconds: 25 };
/**
 * What a lease is extended by, again and again. The library's own 10 s are lost to one long pause of a busy machine; after a
 * crash the messages in hand come back so much later.
 */
const LEASE = { seconds: 30 };
const RETRY_MIN = { milliseconds: 100 };
const RETRY_MAX = { seconds: 10 };
const SCHEMA_DEADLINE_MS = 10_000;

export function openPullClient({ project, emulatorHost }: PubsubAddress): PullClient {
  const pubsub = new PubSub({
    projectId: project,
    // Without accounts there is nothing to look up: the library would ask this machine's cloud who it is.
    ...(emulatorHost !== null && {
      apiEndpoint: emulatorHost,
      emulatorMode: true,
      authClient: new PassThroughClient(),
    }),
  });
  return {
    subscribe(name, limits, handlers, drainMs) {
      const subscription = pubsub.subscription(name, {
        // What arrives beyond the bound is handed on at once: it is in memory either way.
        flowControl: { ...limits, allowExcessMessages: true },
        streamingOptions: {
          maxStreams: STREAMS,
          retryMinBackoff: Duration.from(RETRY_MIN),
          retryMaxBackoff: Duration.from(RETRY_MAX),
        },
        batching: ACK_BATCH,
        minAckDeadline: Duration.from(LEASE),
        closeOptions: {
          behavior: SubscriptionCloseBehaviors.WaitForProcessing,
          timeout: Duration.from({ milliseconds: drainMs }),
        },
      });
      return listen(subscription, handlers);
    },
    async schema(name) {
      const client = await pubsub.getSchemaClient();
      try {
        const [schema] = await client.getSchema({ name, view: "FULL" }, { timeout: SCHEMA_DEADLINE_MS });
        return schema.definition ?? null;
      } catch (error) {
        if (NOT_TO_BE_HAD.has((error as { code?: number }).code ?? 0)) return null;
        throw error;
      }
    },
    close: () => pubsub.close(),
  };
}

function listen(subscription: Subscription, { message, failed, noticed }: PullHandlers): OpenSubscription {
  let isClosing = false;
  subscription.on("error", (error) => {
    if (isClosing) noticed(error.message);
    else failed({ kind: faultKind(error.code), message: error.message });
  });
  subscription.on("debug", ({ message }) => noticed(message));
  subscription.on("message", message);
  return {
    async close() {
      isClosing = true;
      await subscription.close();
    },
  };
}

/** gRPC's status codes. */
const NOT_FOUND = 5;
const DENIED = new Set([7, 16]);
/** Not found, denied, not implemented, not valid. */
const NOT_TO_BE_HAD = new Set([NOT_FOUND, ...DENIED, 12, 3]);

const faultKind = (code: number): PullFault["kind"] =>
  code === NOT_FOUND ? "missing" : DENIED.has(code) ? "denied" : "lost";
