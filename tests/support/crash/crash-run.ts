/**
 * The real server under load, killed and started again, and then compared with what its publishers were promised. Everything
 * random comes from one seed; the moments at which the machine does something do not, so a seed makes a failure likely to
 * come again, not certain.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { feedInfo } from "../api-client";
import { seededRandom, type Random } from "../random";
import { ServerProcess } from "../server-process";
import { until } from "../until";
import { Follower, WHOLE_IN_WINDOW } from "./follower";
import { Promises } from "./promises";
import { publishUntilStopped } from "./publisher";
import { verify, type Remembered } from "./verify";

export interface CrashOptions {
  seed: number;
  kills: number;
  dataDir: string;
  publishers?: number;
  /** A server lives at most this long under load, ms. */
  maxLifeMs?: number;
  say?: (line: string) => void;
}

export interface CrashReport {
  kills: number;
  /** Servers that were killed before they listened. */
  killedWhileStarting: number;
  acknowledged: number;
  sent: number;
  commits: number;
  /** From process start to listening, ms. */
  startsMs: number[];
  /** What is wrong, in sentences; empty when every promise was kept. */
  faults: string[];
}

const MAX_START_MS = 900;
const REMEMBERED = 6;
const DRAIN_MS = 30_000;

export async function crashRun(options: CrashOptions): Promise<CrashReport> {
  const { seed, kills, publishers = 3, say = () => undefined } = options;
  const random = seededRandom(seed);
  const promises = new Promises();
  const house = new ServerHouse(options);
  const stopPublishing = new AbortController();
  const stopFollowing = new AbortController();
  const follower = new Follower(() => house.address(), stopFollowing.signal);
  const following = follower.run();
  const publishing = Array.from({ length: publishers }, (_, i) =>
    publishUntilStopped({
      name: `p${i}`,
      random: seededRandom(seed * 31 + i + 1),
      promises,
      address: () => house.address(),
      stop: stopPublishing.signal,
    }),
  );
  // A part that fails ends the run at once instead of letting the rest go on for nothing.
  const failed = Promise.race([...publishing, following].map((part) => part.then(() => new Promise<never>(() => {}))));
  const remembered: Remembered[] = [];
  try {
    for (let kill = 1; kill <= kills; kill++) {
      await Promise.race([house.liveAndDie(random), failed]);
      if (remembered.length < REMEMBERED && follower.cursor !== null && random.chance(0.5)) {
        remembered.push({ position: follower.cursor, cols: follower.cols, rows: new Map(follower.rows) });
      }
      say(`kill ${kill} of ${kills}: ${promises.acknowledged.size} versions acknowledged`);
    }
    await house.start();
    stopPublishing.abort();
    await Promise.all(publishing);
    await Promise.race([drained(house), failed]);
    await caughtUp(house, follower);
    const { faults, commits } = await verify({
      base: await house.address(),
      dataDir: options.dataDir,
      promises,
      follower,
      remembered,
    });
    stopFollowing.abort();
    await following;
    const code = await house.stop();
    if (code !== 0) faults.push(`After SIGTERM the server ended with ${code}.`);
    const { acknowledged, sent } = promises;
    return {
      kills,
      killedWhileStarting: house.killedWhileStarting,
      acknowledged: acknowledged.size,
      sent: sent.size,
      commits,
      startsMs: house.startsMs,
      faults,
    };
  } finally {
    stopPublishing.abort();
    stopFollowing.abort();
    await house.close();
    await Promise.allSettled([...publishing, following]);
  }
}

async function drained(house: ServerHouse): Promise<void> {
  const base = await house.address();
  await until("everything staged to be committed", async () => (await feedInfo(base)).staged.events === 0, DRAIN_MS);
}

async function caughtUp(house: ServerHouse, follower: Follower): Promise<void> {
  const { head } = await feedInfo(await house.address());
  await until(
    `the follower to come to ${head}`,
    () => follower.faults.length > 0 || follower.cursor === head,
    DRAIN_MS,
  );
}

/** The server that runs at present, if any; whoever needs its address waits for the next one. */
class ServerHouse {
  killedWhileStarting = 0;
  readonly startsMs: number[] = [];
  #server: ServerProcess | null = null;
  #address: string | null = null;
  #waiting: { resolve(address: string): void; reject(error: Error): void }[] = [];
  #isClosed = false;
  readonly #options: CrashOptions;

  constructor(options: CrashOptions) {
    this.#options = options;
  }

  address(): Promise<string> {
    if (this.#address !== null) return Promise.resolve(this.#address);
    if (this.#isClosed) return Promise.reject(new Error("There will be no other server."));
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  async start(): Promise<void> {
    const startedAt = performance.now();
    this.#server = ServerProcess.spawn({ dataDir: this.#options.dataDir, env: WHOLE_IN_WINDOW });
    this.#address = await this.#server.listening;
    this.startsMs.push(performance.now() - startedAt);
    for (const { resolve } of this.#waiting.splice(0)) resolve(this.#address);
  }

  /** One life: mostly until some moment under load, sometimes not even to the end of its start. */
  async liveAndDie(random: Random): Promise<void> {
    if (this.startsMs.length > 0 && random.chance(0.25)) {
      this.#server = ServerProcess.spawn({ dataDir: this.#options.dataDir, env: WHOLE_IN_WINDOW });
      await sleep(random.int(50, MAX_START_MS));
      this.killedWhileStarting += 1;
    } else {
      await this.start();
      await sleep(random.int(50, this.#options.maxLifeMs ?? 2_500));
    }
    await this.kill();
  }

  async kill(): Promise<void> {
    this.#address = null;
    await this.#server?.kill();
    this.#server = null;
  }

  /** Nobody waits for another server any more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.kill();
    for (const { reject } of this.#waiting.splice(0)) reject(new Error("There will be no other server."));
  }

  async stop(): Promise<number | NodeJS.Signals | null> {
    this.#address = null;
    const server = this.#server;
    this.#server = null;
    return server === null ? null : server.stop();
  }
}
