/** Chooses the way to the far end. */
import { eventsAddress, httpTransport } from "./http-transport.js";
import type { Settings } from "./options.js";
import type { Transport } from "./transport.js";

/** @throws TypeError when the target is not understood; Error when what it needs is not installed */
export async function openTransport({ feed, target, requestTimeoutMs }: Settings): Promise<Transport> {
  if ("pubsub" in target) {
    const { pubsubTransport } = await import("./pubsub-transport.js");
    return pubsubTransport(target.pubsub, requestTimeoutMs);
  }
  eventsAddress({ url: target.url, feed });
  return httpTransport({ url: target.url, feed, token: target.token ?? null, requestTimeoutMs });
}
