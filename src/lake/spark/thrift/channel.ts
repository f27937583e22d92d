/** One message there, one message back. What carries them (frames on a socket, HTTP) is behind this. */

export interface Channel {
  /**
   * Sends a message and waits for the answer. One at a time.
   *
   * @throws AppError engine-unavailable when no whole answer came in time; the channel is of no use any more
   */
  exchange(message: Buffer, deadlineMs: number): Promise<Buffer>;
  /** False once it has failed or was closed: it never recovers. */
  readonly usable: boolean;
  /** At once; an exchange that is under way fails with this sentence. */
  destroy(reason: string): void;
}

/** No answer that was asked for in pages is near it; bytes that are no Thrift at all claim to be longer. */
export const MAX_MESSAGE_BYTES = 256 * 1024 * 1024;
