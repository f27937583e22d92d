/** Chooses the way to the far end. */
import { eventsAddress, httpTransport } from "./http-transport.js";
import type { Settings } from "./options.js";
import type { Transport } from "./transport.js";

/** @throws TypeError when the target is not understood */
export function openTransport({ feed, target, requestTimeoutMs }: Settings): Transport {
  eventsAddress({ url: target.url, feed });
  return httpTransport({ url: target.url, feed, token: target.token ?? null, requestTimeoutMs });
}
