/**
 * Thrift's messages on a TCP or TLS connection: in frames after SASL, bare without it. The connection is given up at the first
 * sign that it is broken, never repaired: what was sent may or may not have been carried out.
 */
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { AppError } from "../../../model/app-error";
import { describeAddress, type SparkAddress } from "../spark-url";
import { MAX_MESSAGE_BYTES, type Channel } from "./channel";
import { Unreachable } from "./faults";
import { messageLength } from "./message-length";
import { SASL, saslMessage } from "./sasl";
import { tlsOptions } from "./tls";

/** Idle connections are dropped silently by what lies between; minutes pass before anybody would notice. */
const KEEP_ALIVE_MS = 15_000;

/** How the next message is told from what follows: its length, or null while more bytes are needed. */
type Measure = (bytes: Buffer) => number | null;

export async function openSocketChannel(address: SparkAddress, deadlineMs: number): Promise<Channel> {
  const channel = new SocketChannel(address);
  await channel.open(deadlineMs);
  return channel;
}

class SocketChannel implements Channel {
  readonly #name: string;
  #socket: Socket | null = null;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #failure: AppError | null = null;
  #wanted: { measure: Measure; settle: (bytes: Buffer) => void; fail: (error: AppError) => void } | null = null;

  constructor(private readonly address: SparkAddress) {
    this.#name = `Spark at ${describeAddress(address)}`;
  }

  get usable(): boolean {
    return this.#socket !== null && this.#failure === null;
  }

  async open(deadlineMs: number): Promise<void> {
    await this.#within(deadlineMs, `${this.#name} did not take the connection`, async () => {
      await this.#connect();
      if (this.address.sasl === "plain") await this.#logIn();
    });
  }

  async exchange(message: Buffer, deadlineMs: number): Promise<Buffer> {
    if (this.#failure) throw this.#failure;
    if (this.#wanted) throw new Error("A connection carries one call at a time.");
    const framed = this.address.sasl === "plain";
    return this.#within(deadlineMs, `${this.#name} did not answer`, async () => {
      this.#socket!.write(framed ? frame(message) : message);
      const answer = await this.#receive(framed ? frameLength : messageLength);
      return framed ? answer.subarray(4) : answer;
    });
  }

  destroy(reason: string): void {
    this.#fail(new Unreachable(reason));
  }

  #connect(): Promise<void> {
    const { host, port, tls } = this.address;
    const socket = tls ? connectTls({ host, port, ...tlsOptions(this.address) }) : connectTcp({ host, port });
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("error", (error) =>
      this.#fail(new Unreachable(`${this.#name} cannot be reached: ${error.message}.`, error, "lost")),
    );
    socket.on("close", () => this.#fail(new Unreachable(`${this.#name} ended the connection.`, undefined, "lost")));
    return new Promise((resolve, reject) => {
      socket.once(tls ? "secureConnect" : "connect", () => resolve());
      // Also after our own deadline, which destroys the socket.
      socket.once("close", () => reject(this.#failure!));
    });
  }

  async #logIn(): Promise<void> {
    const { user, password } = this.address;
    const credentials = Buffer.from([user, user, password ?? user].join("\0"));
    this.#socket!.write(
      Buffer.concat([saslMessage(SASL.START, Buffer.from("PLAIN")), saslMessage(SASL.OK, credentials)]),
    );
    const answer = await this.#receive(saslLength);
    if (answer[0] === SASL.COMPLETE) return;
    const words = answer.subarray(5).toString("utf8").split("\n", 1)[0]!;
    throw this.#fail(
      new Unreachable(`${this.#name} refused the user ${JSON.stringify(user)}: ${words.slice(0, 200)}.`),
    );
  }

  /** The bytes of the next message, as `measure` finds its end. */
  #receive(measure: Measure): Promise<Buffer> {
    if (this.#failure) return Promise.reject(this.#failure);
    return new Promise((settle, fail) => {
      this.#wanted = { measure, settle, fail };
      this.#look();
    });
  }

  #take(chunk: Buffer): void {
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    this.#look();
  }

  #look(): void {
    if (!this.#wanted || this.#heldBytes === 0) return;
    const length = this.#measure(this.#wanted.measure);
    if (length === null || length > this.#heldBytes) return;
    const all = this.#together();
    this.#hold(all.subarray(length));
    const { settle } = this.#wanted;
    this.#wanted = null;
    settle(all.subarray(0, length));
  }

  /** Null while the length is not known; whoever sends what cannot be an answer is cut off. */
  #measure(measure: Measure): number | null {
    // Frames tell their length in the first bytes: pieces of a large page are put together once, at its end.
    const known = measure === messageLength ? this.#together() : this.#first();
    try {
      const length = measure(known);
      if (length === null || length <= MAX_MESSAGE_BYTES) return length;
      this.#fail(new Unreachable(`${this.#name} answers in another protocol than HiveServer2's${this.#guess(known)}.`));
    } catch (error) {
      this.#fail(
        new Unreachable(`${this.#name} answers in another protocol than HiveServer2's${this.#guess(known)}.`, error),
      );
    }
    return null;
  }

  #guess(bytes: Buffer): string {
    return bytes.subarray(0, 5).toString("latin1") === "HTTP/" ? " (it speaks HTTP: transport=http?)" : "";
  }

  #first(): Buffer {
    return this.#held[0]!.length >= 5 ? this.#held[0]! : this.#together();
  }

  #together(): Buffer {
    const all = this.#held.length === 1 ? this.#held[0]! : Buffer.concat(this.#held);
    this.#hold(all);
    return all;
  }

  #hold(bytes: Buffer): void {
    this.#held = bytes.length === 0 ? [] : [bytes];
    this.#heldBytes = bytes.length;
  }

  #fail(error: AppError): AppError {
    if (this.#failure) return this.#failure;
    this.#failure = error;
    this.#held = [];
    this.#heldBytes = 0;
    this.#socket?.destroy();
    this.#wanted?.fail(error);
    this.#wanted = null;
    return error;
  }

  async #within<T>(deadlineMs: number, sentence: string, work: () => Promise<T>): Promise<T> {
    const timer = setTimeout(
      () => this.#fail(new Unreachable(`${sentence} within ${deadlineMs / 1000} s.`)),
      deadlineMs,
    );
    try {
      return await work();
    } finally {
      clearTimeout(timer);
    }
  }
}

const frame = (message: Buffer): Buffer => {
  const head = Buffer.allocUnsafe(4);
  head.writeUInt32BE(message.length);
  return Buffer.concat([head, message]);
};

const frameLength: Measure = (bytes) => (bytes.length < 4 ? null : 4 + bytes.readUInt32BE());
const saslLength: Measure = (bytes) => (bytes.length < 5 ? null : 5 + bytes.readUInt32BE(1));
