/**
 * One open stream: what it follows, how far it has been served, and whether its client keeps up.
 *
 * Pieces go to the socket as ready-made chunks: a response would frame them again for every client, as three buffers of
 * their own. The response keeps what comes before (status and headers) and after (the last chunk).
 */
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { GZIP_HEADER, type Bytes, type Piece } from "./frames";
import type { Topic } from "./topic";

export class Subscriber {
  /** Number of the last frame of each topic that was written. */
  readonly sent = new Map<Topic, number>();
  /** When the client was first seen not to have taken what was written; null while it keeps up. */
  behindSince: number | null = null;
  /** False = the client may be ahead of what it was sent here (it came back without saying exactly where it stands). */
  isExact = true;
  /** When the connection is ended, so that a restart of the server looks like every other minute. */
  readonly rotateAt: number;
  readonly #response: ServerResponse;
  /** Null when the response has to frame what it is given: HTTP/1.0, or an answer before it is still being sent; and at the end. */
  #socket: Socket | null;
  readonly #isCompressed: boolean;

  constructor(response: ServerResponse, isCompressed: boolean, rotateAt: number) {
    this.#response = response;
    this.#isCompressed = isCompressed;
    this.rotateAt = rotateAt;
    const { socket } = response;
    // Headers and what is written in the same turn go out together.
    socket?.cork();
    if (socket) process.nextTick(() => socket.uncork());
    response.appendHeader("vary", "accept-encoding");
    response.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store, no-transform",
      "x-accel-buffering": "no",
      ...(isCompressed && { "content-encoding": "gzip" }),
    });
    response.flushHeaders();
    this.#socket = response.chunkedEncoding ? socket : null;
    if (isCompressed) this.#send(GZIP_HEADER);
  }

  /** Bytes written that the kernel has not taken. Only meaningful in a later turn of the loop than the write. */
  get backlog(): number {
    return this.#response.writableLength;
  }

  write(piece: Piece): void {
    this.#send(this.#isCompressed ? piece.gzip : piece.raw);
  }

  /** Several pieces in one packet. */
  writeAll(pieces: readonly Piece[]): void {
    const out = this.#socket ?? this.#response;
    out.cork();
    for (const piece of pieces) this.write(piece);
    out.uncork();
  }

  #send(bytes: Bytes): void {
    if (this.#socket === null) this.#response.write(bytes.plain);
    else this.#socket.write(bytes.chunk);
  }

  end(): void {
    this.#socket = null; // it may carry another answer afterwards
    this.#response.end();
  }

  /** For a client that does not read: nothing more would reach it. */
  cut(): void {
    this.#response.destroy();
  }
}

/** Whether a request takes gzip: named, or covered by `*`, and not refused with q=0. */
export function acceptsGzip(header: string | undefined): boolean {
  const offers = new Map<string, number>();
  for (const item of (header ?? "").toLowerCase().split(",")) {
    const [coding, ...parameters] = item.split(";").map((part) => part.trim());
    const quality = parameters.find((parameter) => parameter.startsWith("q="));
    offers.set(coding!, quality === undefined ? 1 : Number(quality.slice(2)));
  }
  return (offers.get("gzip") ?? offers.get("*") ?? 0) > 0;
}
