/** One open stream: what it follows, how far it has been served, and whether its client keeps up. */
import type { ServerResponse } from "node:http";
import { GZIP_HEADER, type Piece } from "./frames";
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
  readonly #isCompressed: boolean;

  constructor(response: ServerResponse, isCompressed: boolean, rotateAt: number) {
    this.#response = response;
    this.#isCompressed = isCompressed;
    this.rotateAt = rotateAt;
    response.appendHeader("vary", "accept-encoding");
    response.writeHead(200, {
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store, no-transform",
      "x-accel-buffering": "no",
      ...(isCompressed && { "content-encoding": "gzip" }),
    });
    if (isCompressed) response.write(GZIP_HEADER);
    else response.flushHeaders();
  }

  /** Bytes written that the kernel has not taken. Only meaningful in a later turn of the loop than the write. */
  get backlog(): number {
    return this.#response.writableLength;
  }

  write(piece: Piece): void {
    this.#response.write(this.#isCompressed ? piece.gzip : piece.raw);
  }

  /** Several pieces in one packet. */
  writeAll(pieces: readonly Piece[]): void {
    this.#response.cork();
    for (const piece of pieces) this.write(piece);
    this.#response.uncork();
  }

  end(): void {
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
