/** Two real servers on one lake and one database, each with a data directory of its own. */
import { join } from "node:path";
import { feedInfo, type FeedInfo } from "../api-client";
import { ServerProcess } from "../server-process";
import { until } from "../until";

export interface PairOptions {
  /** Folder of everything: the lake is `lake` in it. */
  folder: string;
  databaseUrl: string;
  env?: Readonly<Record<string, string>>;
}

export type Name = "a" | "b";

const TAKEOVER_MS = 30_000;

export class Pair {
  readonly #servers = new Map<Name, ServerProcess>();
  /** Stopped ones serve nobody, and those who ask them wait. */
  readonly #paused = new Set<Name>();
  #turn = 0;

  constructor(private readonly options: PairOptions) {}

  async start(name: Name): Promise<string> {
    const { folder, databaseUrl, env } = this.options;
    const server = await ServerProcess.start({
      dataDir: join(folder, name),
      env: { WEIR_LAKE_URL: `file:${join(folder, "lake")}`, DATABASE_URL: databaseUrl, ...env },
    });
    this.#servers.set(name, server);
    return server.address;
  }

  base(name: Name): string {
    return this.server(name).address;
  }

  server(name: Name): ServerProcess {
    const server = this.#servers.get(name);
    if (!server) throw new Error(`Server ${name} does not run.`);
    return server;
  }

  /** One after the other of those that serve. */
  address(): Promise<string> {
    const names = [...this.#servers.keys()].filter((name) => !this.#paused.has(name));
    return Promise.resolve(this.base(names[this.#turn++ % names.length]!));
  }

  info(name: Name): Promise<FeedInfo> {
    return feedInfo(this.base(name));
  }

  /** Waits until a server says that it writes. */
  async untilWriter(name: Name): Promise<void> {
    await until(
      `server ${name} to write`,
      async () => (await this.info(name)).writer?.here === true,
      TAKEOVER_MS,
    ).catch((error: unknown) => {
      throw new Error(`${String(error)} It said:\n${this.server(name).output}`);
    });
  }

  async kill(name: Name): Promise<void> {
    const server = this.server(name);
    this.#servers.delete(name);
    await server.kill();
  }

  pause(name: Name): void {
    this.#paused.add(name);
    process.kill(this.server(name).pid, "SIGSTOP");
  }

  wake(name: Name): void {
    process.kill(this.server(name).pid, "SIGCONT");
    this.#paused.delete(name);
  }

  async stop(name: Name): Promise<number | NodeJS.Signals | null> {
    const server = this.server(name);
    this.#servers.delete(name);
    return server.stop();
  }

  /** What the servers say of themselves, for the message of a failure. Stopped ones are woken: they would never answer. */
  async describe(): Promise<string> {
    this.#wakeAll();
    const said = [...this.#servers].map(async ([name, server]) => {
      const info = await this.info(name).catch(String);
      return `${name}: ${JSON.stringify(info)}\n${server.output}`;
    });
    return (await Promise.all(said)).join("\n");
  }

  #wakeAll(): void {
    for (const name of this.#paused) this.wake(name);
  }

  async close(): Promise<void> {
    this.#wakeAll();
    await Promise.all([...this.#servers.keys()].map((name) => this.kill(name)));
  }
}
