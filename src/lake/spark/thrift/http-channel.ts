/**
 * Thrift's messages in HTTP requests, each call one of them. The server keeps a session that nobody closed until its idle
 * timeout: it cannot see that a connection has ended.
 */
import { Client, type Dispatcher } from "undici";
import { describeAddress, type SparkAddress } from "../spark-url";
import { MAX_MESSAGE_BYTES, type Channel } from "./channel";
import { Unreachable } from "./faults";
import { tlsOptions } from "./tls";

/** Nothing is sent before the first call: whether the server is there shows then. */
export function openHttpChannel(address: SparkAddress, deadlineMs: number): Promise<Channel> {
  return Promise.resolve(new HttpChannel(address, deadlineMs));
}

class HttpChannel implements Channel {
  readonly #client: Client;
  readonly #name: string;
  readonly #authorization: string;
  /** What the server knows us by, instead of checking the password with each call. */
  readonly #cookies = new Map<string, string>();
  readonly #end = new AbortController();

  constructor(
    private readonly address: SparkAddress,
    connectMs: number,
  ) {
    const { user, password, tls } = address;
    this.#name = `Spark at ${describeAddress(address)}`;
    this.#authorization = `Basic ${Buffer.from(`${user}:${password ?? user}`).toString("base64")}`;
    this.#client = new Client(`${tls ? "https" : "http"}://${describeAddress(address)}`, {
      connect: { timeout: connectMs, ...(tls ? tlsOptions(address) : {}) },
      // Each exchange has its own deadline.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  get usable(): boolean {
    return !this.#end.signal.aborted;
  }

  async exchange(message: Buffer, deadlineMs: number): Promise<Buffer> {
    this.#end.signal.throwIfAborted();
    const late = new Unreachable(`${this.#name} did not answer within ${deadlineMs / 1000} s.`);
    const timer = setTimeout(() => this.#fail(late), deadlineMs);
    try {
      const response = await this.#post(message);
      await this.#refuse(response);
      return await this.#body(response);
    } catch (error) {
      if (error instanceof Unreachable) throw this.#fail(error);
      if (this.#end.signal.aborted) throw this.#end.signal.reason;
      throw this.#fail(new Unreachable(`${this.#name} cannot be reached: ${wordsOf(error)}.`, error, "lost"));
    } finally {
      clearTimeout(timer);
    }
  }

  destroy(reason: string): void {
    this.#fail(new Unreachable(reason));
  }

  #post(message: Buffer): Promise<Dispatcher.ResponseData> {
    return this.#client.request({
      method: "POST",
      path: this.address.path,
      headers: {
        "content-type": "application/x-thrift",
        authorization: this.#authorization,
        ...(this.#cookies.size === 0 ? {} : { cookie: [...this.#cookies].map((pair) => pair.join("=")).join("; ") }),
      },
      body: message,
      signal: this.#end.signal,
    });
  }

  async #refuse({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<void> {
    if (statusCode === 200) {
      this.#keepCookies(headers["set-cookie"]);
      return;
    }
    await body.dump();
    if (statusCode === 401 || statusCode === 403) {
      throw new Unreachable(
        `${this.#name} refused the user ${JSON.stringify(this.address.user)} (HTTP ${statusCode}).`,
      );
    }
    throw new Unreachable(`${this.#name} answers HTTP ${statusCode} at ${this.address.path}.`);
  }

  async #body({ body }: Dispatcher.ResponseData): Promise<Buffer> {
    const pieces: Buffer[] = [];
    let bytes = 0;
    for await (const piece of body as AsyncIterable<Buffer>) {
      bytes += piece.length;
      if (bytes > MAX_MESSAGE_BYTES)
        throw new Unreachable(`${this.#name} answers more than ${MAX_MESSAGE_BYTES} bytes.`);
      pieces.push(piece);
    }
    return Buffer.concat(pieces);
  }

  /** Name and value; what else stands there is for browsers. */
  #keepCookies(given: string | string[] | undefined): void {
    for (const cookie of given === undefined ? [] : [given].flat()) {
      const [, name, value] = /^([^=;\s]+)=([^;]*)/.exec(cookie) ?? [];
      if (name !== undefined && this.#cookies.size < 20) this.#cookies.set(name, value!);
    }
  }

  #fail(error: Unreachable): Unreachable {
    if (this.#end.signal.aborted) return this.#end.signal.reason as Unreachable;
    this.#end.abort(error);
    void this.#client.destroy(error);
    return error;
  }
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
