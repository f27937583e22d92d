/** A line to a server that can be cut and mended, as a network can. */
import { connect, createServer, type AddressInfo, type Socket } from "node:net";

export class CutLine {
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  private constructor(
    private readonly server: ReturnType<typeof createServer>,
    readonly port: number,
  ) {}

  /** @param to port on the loopback */
  static async open(to: number): Promise<CutLine> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const line = new CutLine(server, (server.address() as AddressInfo).port);
    server.on("connection", (near) => line.#join(near, to));
    return line;
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #join(near: Socket, to: number): void {
    if (this.#isCut) return void near.destroy();
    const far = connect(to, "127.0.0.1");
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(one);
      // How one end ends is how the other does; whoever holds it notices.
      one.on("error", () => other.destroy());
      one.on("close", () => {
        this.#sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  }
}
