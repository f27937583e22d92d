/** The calls of HiveServer2 on one channel, one at a time, each with a deadline; an answer that is an error is thrown. */
import { describeAddress, type SparkAddress } from "../spark-url";
import { MalformedMessage } from "./binary-protocol";
import type { Channel } from "./channel";
import { sparkError, Unreachable } from "./faults";
import { STATUS, type CallName, type Calls, type Status } from "./hs2";
import { CallRefused, RpcCodec } from "./rpc-codec";
import { openHttpChannel } from "./http-channel";
import { openSocketChannel } from "./socket-channel";

export class Hs2Connection {
  readonly #codec = new RpcCodec();
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(
    readonly address: SparkAddress,
    private readonly channel: Channel,
  ) {}

  /** @throws AppError engine-unavailable when there is no connection within the deadline */
  static async open(address: SparkAddress, deadlineMs: number): Promise<Hs2Connection> {
    const open = address.transport === "http" ? openHttpChannel : openSocketChannel;
    return new Hs2Connection(address, await open(address, deadlineMs));
  }

  get usable(): boolean {
    return this.channel.usable;
  }

  destroy(reason: string): void {
    this.channel.destroy(reason);
  }

  /**
   * One call; calls made meanwhile wait for their turn.
   *
   * @throws AppError engine-unavailable when no answer came in time: the connection is of no use any more
   * @throws SparkError when the server answered with an error
   */
  call<N extends CallName>(name: N, request: Calls[N]["request"], deadlineMs: number): Promise<Calls[N]["response"]> {
    const answer = this.#turn.then(() => this.#call(name, request, deadlineMs));
    this.#turn = answer.catch(() => undefined); // its caller is told
    return answer;
  }

  async #call<N extends CallName>(
    name: N,
    request: Calls[N]["request"],
    deadlineMs: number,
  ): Promise<Calls[N]["response"]> {
    const answer = await this.channel.exchange(this.#codec.encode(name, request), deadlineMs);
    const response = this.#decode(name, answer);
    refuseErrors(response.status);
    return response;
  }

  #decode<N extends CallName>(name: N, answer: Buffer): Calls[N]["response"] {
    try {
      return this.#codec.decode(name, answer);
    } catch (error) {
      if (error instanceof CallRefused) throw sparkError(error.message, null);
      const sentence = `Spark at ${describeAddress(this.address)} gave an answer that cannot be read.`;
      this.channel.destroy(sentence);
      if (error instanceof MalformedMessage) throw new Unreachable(sentence, error);
      throw error;
    }
  }
}

function refuseErrors(status: Status | null): void {
  if (status === null) throw sparkError("The answer has no status.", null);
  if (status.statusCode === STATUS.ERROR || status.statusCode === STATUS.INVALID_HANDLE) {
    throw sparkError(status.errorMessage, status.sqlState);
  }
}
