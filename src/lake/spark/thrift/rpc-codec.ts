/**
 * Calls of HiveServer2 to bytes and back, by the code that hive-driver has generated from TCLIService.thrift. Nothing else of
 * that package is used: its connections neither notice that a server is gone nor bound what they wait for.
 */
import { thrift } from "hive-driver";
import { BinaryReader, BinaryWriter, MalformedMessage, MessageBytes } from "./binary-protocol";
import type { CallName, Calls } from "./hs2";

/** The server could not take a call at all, and said so; the connection is as good as before. */
export class CallRefused extends Error {
  override readonly name = "CallRefused";
}

const EXCEPTION = 3;

type Callback = (error: unknown, response: unknown) => void;

/** What the generated client is made of; the package's own types say `any`. */
interface GeneratedClient {
  _reqs: Record<number, Callback>;
  seqid(): number;
  [method: string]: unknown;
}

const { TCLIService, TCLIService_types: types } = thrift as {
  TCLIService: { Client: new (output: MessageBytes, protocol: typeof BinaryWriter) => GeneratedClient };
  TCLIService_types: Record<string, new (fields: object) => object>;
};

export class RpcCodec {
  readonly #bytes = new MessageBytes();
  readonly #client = new TCLIService.Client(this.#bytes, BinaryWriter);

  /** The message of a call, without a frame. */
  encode<N extends CallName>(name: N, request: Calls[N]["request"]): Buffer {
    const send = this.#client[name] as (request: object, callback: Callback) => void;
    send.call(this.#client, new types[`T${name}Req`]!(request), () => undefined);
    this.#client._reqs = {}; // one call at a time: answers are matched in decode
    return this.#bytes.take();
  }

  /**
   * The answer to the call that was encoded last.
   *
   * @throws MalformedMessage when the bytes are none, or the answer to another call
   * @throws CallRefused with the server's words
   */
  decode<N extends CallName>(name: N, message: Buffer): Calls[N]["response"] {
    const input = new BinaryReader(message);
    const { fname, mtype, rseqid } = input.readMessageBegin();
    if (fname !== name || rseqid !== this.#client.seqid()) {
      throw new MalformedMessage(`An answer to ${fname} (${rseqid}) came where one to ${name} was due.`);
    }
    const answer: { error?: unknown; response?: unknown } = {};
    this.#client._reqs[rseqid] = (error, response) => Object.assign(answer, { error, response });
    const receive = this.#client[`recv_${name}`] as (input: BinaryReader, type: number, seqid: number) => void;
    receive.call(this.#client, input, mtype, rseqid);
    const { error, response } = answer;
    if (mtype === EXCEPTION)
      throw new CallRefused((error as Error | undefined)?.message || "The server gave no reason.");
    if (response === undefined) throw new MalformedMessage(`The answer to ${name} is empty.`, { cause: error });
    return response as Calls[N]["response"];
  }
}
