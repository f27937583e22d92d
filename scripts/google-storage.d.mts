/**
 * Starts a server with the API of Google Cloud Storage on the loopback. It holds everything in memory, and when it starts one empty
 * bucket, `weir`.
 *
 * @throws a sentence when there is no Go or it cannot be built
 */
export function startGoogleStorage(options?: {
  port?: number;
}): Promise<{ /** `http://127.0.0.1:port` */ endpoint: string; stop(): Promise<void> }>;
/** Path of the built program. */
export function buildGoogleStorage(): Promise<string>;
