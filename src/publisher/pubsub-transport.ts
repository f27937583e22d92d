/**
 * A Pub/Sub topic as the far end: a message per event, its data the event as JSON. One request is one `publish` call, so that
 * batches, retries and their bounds are those of the publisher and not a second set of the client's.
 *
 * An acknowledged message is in Pub/Sub; what Weir then thinks of it is seen in its dead letters.
 */
import type { v1 } from "@google-cloud/pubsub";
import type { Refusal } from "./outcome.js";
import type { PubSubOptions } from "./options.js";
import type { Answer, Transport } from "./transport.js";

/** Codes of gRPC (grpc.io, "Status codes and their use"). */
const INVALID_ARGUMENT = 3;
/** Not found, permission denied, failed precondition, not implemented, not authenticated. */
const UNWELCOME = new Set([5, 7, 9, 12, 16]);

type ClientOptions = NonNullable<ConstructorParameters<typeof v1.PublisherClient>[0]>;

/** @throws Error when the package `@google-cloud/pubsub` is not installed */
export async function pubsubTransport(
  { projectId, topic, orderingField, apiEndpoint }: PubSubOptions["pubsub"],
  requestTimeoutMs: number,
): Promise<Transport> {
  const { PubSub, v1: clients } = await import("@google-cloud/pubsub");
  const local = apiEndpoint === undefined ? {} : await localServer(apiEndpoint);
  // The library says that this is what its clients take; only its types do not.
  const config = (await new PubSub({ projectId, ...local }).getClientConfig()) as ClientOptions;
  const client = new clients.PublisherClient(config);
  const name = `projects/${projectId}/topics/${topic}`;
  // Trying again is the publisher's business.
  const options = { timeout: requestTimeoutMs, retry: { retryCodes: [] } };
  const messageOf = (line: string) => ({
    data: Buffer.from(line),
    attributes: { "content-type": "application/json" },
    ...(orderingField !== undefined && { orderingKey: orderingKey(line, orderingField) }),
  });

  return {
    async send(lines, signal) {
      const call = client.publish({ topic: name, messages: lines.map(messageOf) }, options);
      const cancel = () => (call as Partial<{ cancel(): void }>).cancel?.();
      signal.addEventListener("abort", cancel, { once: true });
      try {
        await call;
        return { kind: "taken", rejected: new Map<number, Refusal>() };
      } catch (error) {
        return answerOf(name, error as Error & { code?: number; details?: string });
      } finally {
        signal.removeEventListener("abort", cancel);
      }
    },
    close: () => client.close(),
  };
}

function answerOf(topic: string, { code, details, message }: Error & { code?: number; details?: string }): Answer {
  const reason = `${topic}: ${details ?? message}`;
  if (code === INVALID_ARGUMENT) return { kind: "unacceptable", refusal: { reason, field: null, deadLetter: null } };
  if (code !== undefined && UNWELCOME.has(code)) return { kind: "unwelcome", reason };
  return { kind: "away", reason, retryAfterMs: null };
}

function orderingKey(line: string, field: string): string {
  const value = (JSON.parse(line) as Record<string, unknown>)[field];
  return value === undefined || value === null ? "" : String(value);
}

/** A server without TLS that knows no accounts: nothing is looked up. */
async function localServer(apiEndpoint: string) {
  const { PassThroughClient } = await import("google-auth-library");
  return { apiEndpoint, emulatorMode: true, authClient: new PassThroughClient() };
}
