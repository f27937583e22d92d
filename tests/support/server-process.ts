/**
 * The built server as a process of its own, as people run it: on a free port of the loopback, with a data directory of the
 * test's. It can be killed the hard way and started again on the same directory.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { packageRoot } from "~/config";

export interface ServerOptions {
  dataDir: string;
  /** 0 (the default) = any free one. Another, so that a server comes back where the last one was. */
  port?: number;
  /** Further variables of the environment. */
  env?: Readonly<Record<string, string>>;
  /** For Node itself, before the program (`--cpu-prof`). */
  nodeArgs?: readonly string[];
}

const LISTENING = /listening on (https?:\/\/\S+)/;
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 15_000;
const LINES_KEPT = 200;

export class ServerProcess {
  readonly pid: number;
  /** Resolves with the exit code or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  /** The address, once it listens. Rejects when it ends before. */
  readonly listening: Promise<string>;
  #address: string | null = null;
  readonly #child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #killWithUs = () => this.#child.kill("SIGKILL");

  /** Starts it and waits until it listens. */
  static async start(options: ServerOptions): Promise<ServerProcess> {
    const server = ServerProcess.spawn(options);
    await server.listening;
    return server;
  }

  /** Starts it and returns at once. */
  static spawn(options: ServerOptions): ServerProcess {
    return new ServerProcess(options);
  }

  private constructor({ dataDir, port = 0, env = {}, nodeArgs = [] }: ServerOptions) {
    const entry = join(packageRoot(), "server", "weir.js");
    if (!existsSync(entry)) throw new Error(`${entry} is missing: run "npm run build" first.`);
    this.#child = spawn(process.execPath, [...nodeArgs, entry, "serve"], {
      env: {
        UV_THREADPOOL_SIZE: "8", // as scripts/weir.cjs sets it
        ...process.env,
        NODE_ENV: "production",
        WEIR_LOG: "warn",
        ...env,
        WEIR_PORT: String(port),
        WEIR_DATA_DIR: dataDir,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.pid = this.#child.pid!;
    process.once("exit", this.#killWithUs);
    this.ended = new Promise((resolve) =>
      this.#child.once("exit", (code, signal) => {
        process.off("exit", this.#killWithUs);
        resolve(code ?? signal);
      }),
    );
    this.listening = this.#untilListening();
    // Whoever kills a server that is still starting does not ask for its address.
    this.listening.catch(() => undefined);
  }

  /** `http://127.0.0.1:PORT`. Only once it listens. */
  get address(): string {
    if (this.#address === null) throw new Error("The server does not listen yet.");
    return this.#address;
  }

  /** What it wrote last, for the message of a failure. */
  get output(): string {
    return this.#lines.join("\n");
  }

  /** `kill -9`, as a machine that loses power. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.ended;
  }

  /** In order, and the hard way when that takes too long. */
  async stop(): Promise<number | NodeJS.Signals | null> {
    this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), STOP_TIMEOUT_MS);
    const code = await this.ended;
    clearTimeout(timer);
    return code;
  }

  #untilListening(): Promise<string> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`The server did not listen within ${START_TIMEOUT_MS / 1000} s:\n${this.output}`)),
        START_TIMEOUT_MS,
      );
      const listen = (line: string) => {
        const address = LISTENING.exec(line)?.[1];
        if (address === undefined) return;
        this.#address = address.replace(/\/$/, "");
        clearTimeout(timer);
        resolve(this.#address);
      };
      for (const stream of [this.#child.stdout!, this.#child.stderr!])
        createInterface({ input: stream }).on("line", (line) => {
          this.#lines.push(line);
          if (this.#lines.length > LINES_KEPT) this.#lines.shift();
          listen(line);
        });
      void this.ended.then((code) => {
        clearTimeout(timer);
        reject(new Error(`The server ended with ${code} before it listened:\n${this.output}`));
      });
    });
  }
}
