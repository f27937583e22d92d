/** A way to a server that a test can shut: connections through it are cut, and new ones refused until it is open again. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export class Gate {
  #server: Server | null = null;
  readonly #sockets = new Set<Socket>();
  #port = 0;

  /** Open, on a free port of the loopback, until the end of the test. */
  static async to(port: number): Promise<Gate> {
    const gate = await Gate.openTo(port);
    onTestFinished(() => gate.shut());
    return gate;
  }

  /** The same until it is shut. */
  static async openTo(port: number): Promise<Gate> {
    const gate = new Gate(port);
    await gate.open();
    return gate;
  }

  #target: number;

  private constructor(target: number) {
    this.#target = target;
  }

  get port(): number {
    return this.#port;
  }

  /** @param target where it leads from now on */
  async open(target = this.#target): Promise<void> {
    this.#target = target;
    const server = createServer((near) => this.#join(near, connect(this.#target, "127.0.0.1")));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.#port, "127.0.0.1", resolve);
    });
    this.#server = server;
    this.#port = (server.address() as AddressInfo).port;
  }

  async shut(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #join(near: Socket, far: Socket): void {
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(one);
      one.pipe(other);
      // However one side ends, the other does too.
      one.on("error", () => other.destroy());
      one.on("close", () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
  }
}
