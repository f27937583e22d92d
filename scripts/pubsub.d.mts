/** Starts Google's Pub/Sub test server on the loopback. @throws a sentence when there is no Go or it cannot be built */
export function startPubsub(options?: { port?: number }): Promise<{ host: string; stop(): Promise<void> }>;
/** Path of the built program. */
export function buildPubsub(): Promise<string>;
