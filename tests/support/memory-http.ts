/**
 * Node's own request and response over a transport in memory, so that a test decides when a client reads. HTTP/1.0, so that the
 * body comes as it is written.
 */
import { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";

export class MemoryConnection extends Duplex {
  #held: (() => void) | null = null;
  #isStalled = false;
  #head = "";
  #isBody = false;
  readonly #onText: (text: string) => void;

  constructor(onText: (text: string) => void) {
    super({ highWaterMark: 1024 });
    this.#onText = onText;
  }

  /** The client stops reading: what is written from now on stays with the server. */
  stall(): void {
    this.#isStalled = true;
  }

  proceed(): void {
    this.#isStalled = false;
    const held = this.#held;
    this.#held = null;
    held?.();
  }

  override _read(): void {
    // Clients of streams say nothing after their request.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const take = () => {
      this.#take(chunk.toString());
      done();
    };
    if (this.#isStalled) this.#held = take;
    else take();
  }

  #take(text: string): void {
    if (this.#isBody) return this.#onText(text);
    this.#head += text;
    const end = this.#head.indexOf("\r\n\r\n");
    if (end < 0) return;
    this.#isBody = true;
    this.#onText(this.#head.slice(end + 4));
  }

  setKeepAlive(): this {
    return this;
  }
}

/** @param onText the body, piece by piece */
export function memoryRequest(headers: Record<string, string>, onText: (text: string) => void) {
  const connection = new MemoryConnection(onText);
  const socket = connection as unknown as Socket;
  const request = new IncomingMessage(socket);
  request.httpVersionMajor = 1;
  request.httpVersionMinor = 0;
  Object.assign(request.headers, headers);
  const response = new ServerResponse(request);
  response.assignSocket(socket);
  return { connection, request, response };
}
