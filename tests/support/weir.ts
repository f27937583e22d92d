/** The built server for one test file, and publishing to it as a pipeline does. */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import { hasControlPlane, type FeedInfo } from "./api-client";
import { copyMadeDatabase, NODE_ARGS } from "./begin-with";
import { pipelineEvent, type PipelineEvent } from "./pipeline-event";
import { ServerProcess } from "./server-process";
import { until } from "./until";
import { removeFolder } from "./remove-folder";

export interface WeirOptions {
  /** Its embedded database is made by the server itself, as at a person's first start; otherwise it is there already. */
  makesDatabase?: boolean;
}

export class Weir {
  readonly #env: () => Promise<Readonly<Record<string, string>>>;
  readonly #makesDatabase: boolean;
  #folder = "";
  #given: Readonly<Record<string, string>> = {};
  #server: ServerProcess | null = null;
  #published = 0;

  constructor(env: () => Promise<Readonly<Record<string, string>>>, { makesDatabase = false }: WeirOptions = {}) {
    this.#env = env;
    this.#makesDatabase = makesDatabase;
  }

  get address(): string {
    return this.#server!.address;
  }

  /** What the server wrote last. */
  get output(): string {
    return this.#server!.output;
  }

  /** An address on this server. */
  url(path: string): string {
    return this.address + path;
  }

  async start(): Promise<void> {
    this.#given = await this.#env();
    this.#folder = await mkdtemp(join(tmpdir(), "weir-e2e-"));
    if (!this.#makesDatabase) await copyMadeDatabase(this.#folder);
    this.#server = await ServerProcess.start({ dataDir: this.#folder, env: this.#given, nodeArgs: NODE_ARGS });
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    await this.#server!.kill();
  }

  /** On the same data, and on this port (0 = any free one). */
  async startAgain(port: number): Promise<void> {
    this.#server = await ServerProcess.start({
      dataDir: this.#folder,
      port,
      env: this.#given,
      nodeArgs: NODE_ARGS,
    });
  }

  get port(): number {
    return Number(new URL(this.address).port);
  }

  async close(): Promise<void> {
    await this.#server?.stop();
    // The maker of its database may be at work for another moment.
    await removeFolder(this.#folder);
  }

  /** Until what people decide can be kept: at its first start the embedded database takes a while on a busy machine. */
  async untilControl(): Promise<void> {
    await until("the control plane to be ready", () => hasControlPlane(this.address), 60_000);
  }

  /** Sends events and waits until they are in the table. @returns the instant of the newest commit then */
  async publish(events: readonly PipelineEvent[]): Promise<string> {
    return this.publishTo("pipeline_events", events);
  }

  async publishTo(feed: string, events: readonly object[], headers: Record<string, string> = {}): Promise<string> {
    const response = await fetch(this.url(`/api/v1/feeds/${feed}/events`), {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(events),
    });
    if (response.status !== 202)
      throw new Error(`Publishing was answered ${response.status}: ${await response.text()}`);
    return until("the commit of what was published", async () => {
      const answer = await fetch(this.url(`/api/v1/feeds/${feed}`), { headers });
      const { staged, instant } = (await answer.json()) as FeedInfo;
      return staged.events === 0 && instant;
    });
  }

  /** An event of the present, a moment newer than the one before. */
  event(given: Partial<PipelineEvent> & { eventId: string }): PipelineEvent {
    this.#published += 1;
    return pipelineEvent({ eventTimestamp: Date.now() - 60_000 + this.#published, ...given });
  }
}

/** Call it once at the top of a test file. @param env further variables of the server's environment */
export function runningWeir(
  env: () => Promise<Record<string, string>> = () => Promise.resolve({}),
  options: WeirOptions = {},
): Weir {
  const weir = new Weir(env, options);
  beforeAll(() => weir.start());
  afterAll(() => weir.close());
  return weir;
}
