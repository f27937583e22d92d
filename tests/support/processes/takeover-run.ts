/**
 * Two servers on one lake under load, whose writer is killed or stopped and woken again, and then everything compared with what
 * the publishers were promised.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { postJson } from "../api-client";
import { Follower, WHOLE_IN_WINDOW } from "../crash/follower";
import { Promises } from "../crash/promises";
import { publishUntilStopped } from "../crash/publisher";
import { verify } from "../crash/verify";
import { pipelineEvent } from "../pipeline-event";
import { pendingActions } from "../plain-hudi";
import { seededRandom } from "../random";
import { until } from "../until";
import { Pair, type Name } from "./pair";

export interface TakeoverOptions {
  seed: number;
  folder: string;
  databaseUrl: string;
  /** What happens to whoever writes, one after the other. */
  fates: readonly ("killed" | "stopped")[];
  publishers?: number;
  say?: (line: string) => void;
}

export interface TakeoverReport {
  acknowledged: number;
  /** From the end of one writer to the first commit of the other, ms. */
  takeoversMs: number[];
  /** What is wrong, in sentences. */
  faults: string[];
}

const LOAD_MS = 1_500;
const DRAIN_MS = 30_000;
/** The one that writes looks for what a stopped one left behind this often when nothing arrives. */
const LOOKS_IDLE_MS = 30_000;

export async function takeoverRun(options: TakeoverOptions): Promise<TakeoverReport> {
  const { seed, folder, fates, publishers = 3, say = () => undefined } = options;
  const pair = new Pair({ ...options, env: WHOLE_IN_WINDOW });
  const promises = new Promises();
  const stop = new AbortController();
  const stopFollowing = new AbortController();
  const follower = new Follower(() => pair.address(), stopFollowing.signal);
  const takeoversMs: number[] = [];
  let running: Promise<unknown>[] = [];
  try {
    await pair.start("a");
    await pair.untilWriter("a");
    await pair.start("b");
    const following = follower.run();
    const publishing = Array.from({ length: publishers }, (_, i) =>
      publishUntilStopped({
        name: `p${i}`,
        random: seededRandom(seed * 31 + i + 1),
        promises,
        address: () => pair.address(),
        stop: stop.signal,
      }),
    );
    running = [...publishing, following];
    let writer: Name = "a";
    for (const fate of fates) {
      const other: Name = writer === "a" ? "b" : "a";
      await sleep(LOAD_MS);
      takeoversMs.push(await takeOver(pair, promises, writer, other, fate));
      say(`${writer} was ${fate}: ${other} committed after ${Math.round(takeoversMs.at(-1)!)} ms`);
      await sleep(LOAD_MS);
      if (fate === "stopped") pair.wake(writer);
      else await pair.start(writer);
      writer = other;
    }
    await sleep(LOAD_MS);
    stop.abort();
    await Promise.all(publishing);
    for (const name of ["a", "b"] as const)
      await until("everything to be committed", async () => (await pair.info(name)).staged.events === 0, DRAIN_MS);
    const tables = ["pipeline_events", "pipeline_events_log"].map((table) => join(folder, "lake", table));
    const isInOrder = async () => (await Promise.all(tables.map(pendingActions))).flat().length === 0;
    await until("what a stopped server began to be undone", isInOrder, LOOKS_IDLE_MS + DRAIN_MS);
    const { head } = await pair.info(writer);
    const reader: Name = writer === "a" ? "b" : "a";
    await until("the reader to be there", async () => (await pair.info(reader)).head === head, DRAIN_MS);
    await until("the follower to be there", () => follower.faults.length > 0 || follower.cursor === head, DRAIN_MS);
    const faults: string[] = [];
    for (const name of [writer, reader]) {
      const base = pair.base(name);
      const verdict = await verify({ base, dataDir: folder, promises, follower, remembered: [] });
      faults.push(...verdict.faults.map((fault) => `${name}: ${fault}`));
    }
    stopFollowing.abort();
    await following;
    for (const name of [reader, writer]) {
      const code = await pair.stop(name);
      if (code !== 0) faults.push(`After SIGTERM server ${name} ended with ${code}.`);
    }
    return { acknowledged: promises.acknowledged.size, takeoversMs, faults };
  } catch (error) {
    throw new Error(`${String(error)}\n${await pair.describe()}`, { cause: error });
  } finally {
    stop.abort();
    stopFollowing.abort();
    await pair.close();
    await Promise.allSettled(running);
  }
}

async function takeOver(
  pair: Pair,
  promises: Promises,
  from: Name,
  to: Name,
  fate: "killed" | "stopped",
): Promise<number> {
  const endedAt = performance.now();
  if (fate === "killed") await pair.kill(from);
  else pair.pause(from);
  await pair.untilWriter(to);
  const { committedAt } = await pair.info(to);
  // The publishers may all be waiting for an answer of the one that is stopped.
  const mine = [pipelineEvent({ eventId: `after-${from}-${fate}-${Date.now()}`, eventTimestamp: Date.now() })];
  promises.send(mine);
  await postJson(pair.base(to), mine);
  promises.acknowledge(mine);
  await until("a commit", async () => (await pair.info(to)).committedAt !== committedAt, DRAIN_MS);
  return performance.now() - endedAt;
}
