/** One feed, thousands of readers: is every frame with every one of them, how soon, and what does a delivery cost. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { postJson } from "../support/api-client";
import { randomEvent } from "../support/pipeline-event";
import { seededRandom } from "../support/random";
import { ServerProcess } from "../support/server-process";
import { ClientProcess } from "./client-process";
import { copyOfDataSet } from "./data-set";
import type { FanoutAsked, FanoutTold } from "./fanout-client";
import { cpuTime, memory, total } from "./machine";
import { printReport, say, summarise, type Figure } from "./report";
import { tempFolder } from "./temp";

const DEFAULT_SECONDS = 60;
const DEFAULT_CLIENTS = 5_000;
const ROWS = 20;
const BASELINE_SECONDS = 15;
const SETTLE_MS = 3_000;
const MEMORY_EVENTS = 1_000_000;
const MEMORY_CLIENTS = 1_000;
const MEMORY_SECONDS = 15;
const GOAL_US = 20;
const GOAL_MB = 700;

type Client = ClientProcess<FanoutTold, FanoutAsked>;
const isConnected = (told: FanoutTold): told is FanoutTold & { kind: "connected" } => told.kind === "connected";
const isReport = (told: FanoutTold): told is FanoutTold & { kind: "report" } => told.kind === "report";

/** @param args seconds, 60 unless told; clients, 5,000 unless told; "gzip" = clients that take it; "nomemory" = leave that part out */
export async function main(args: string[]): Promise<number> {
  const flags = new Set(args.filter((arg) => !/^\d+$/.test(arg)));
  const [seconds = DEFAULT_SECONDS, clients = DEFAULT_CLIENTS] = args.filter((arg) => /^\d+$/.test(arg)).map(Number);
  const figures = await deliveries(seconds, clients, flags.has("gzip"));
  if (!flags.has("nomemory")) figures.push(...(await memoryInUse()));
  printReport("fanout", figures, { seconds, clients, rows: ROWS, gzip: flags.has("gzip") });
  return 0;
}

async function deliveries(seconds: number, clients: number, gzip: boolean): Promise<Figure[]> {
  const profile = process.env["BENCH_CPU_PROF"];
  const server = await ServerProcess.start({
    dataDir: join(await tempFolder(), "data"),
    nodeArgs: profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`],
  });
  await publish(server.address, BASELINE_SECONDS);
  const alone = await cpuOf(server, () => publish(server.address, BASELINE_SECONDS));
  const client = await connectClients(server, clients, gzip);
  await sleep(SETTLE_MS);
  const idle = await cpuOf(server, () => sleep(BASELINE_SECONDS * 1_000));
  say(`${clients} clients are connected; publishing for ${seconds} s …`);
  let sentAt = new Map<string, number>();
  const clientBefore = await cpuTime(client.pid);
  const busy = await cpuOf(server, async () => {
    sentAt = await publish(server.address, seconds);
    await sleep(SETTLE_MS);
  });
  const clientMs = total(await cpuTime(client.pid)) - total(clientBefore);
  client.send({ kind: "report" });
  const { arrivals, gaps, rows, broken } = await client.message(isReport);
  const rss = await memory(server.pid);
  client.close();
  await server.stop();
  const delivered = arrivals.reduce((sum, arrival) => sum + arrival.clients, 0);
  const perDelivery = (perSecond: number) => ((busy.ms - perSecond * busy.seconds) * 1_000) / delivered;
  const expected = seconds * ROWS;
  const isComplete = gaps === 0 && broken === 0 && rows.least === expected && rows.most === expected;
  const whole = arrivals.filter((arrival) => arrival.clients === clients && sentAt.has(arrival.key));
  const last = whole.map(({ key, last: at }) => at - sentAt.get(key)!);
  const first = whole.map(({ key, first: at }) => at - sentAt.get(key)!);
  return [
    { what: `all ${expected} rows in order at every client`, unit: "", value: isComplete, goal: true },
    { what: "frames that did not begin where the last one ended", unit: "", value: gaps, goal: 0 },
    // A commit costs the same for one reader as for all of them; the second figure has its share in it.
    {
      what: "CPU per delivery, over the same commits without clients",
      unit: "µs",
      value: perDelivery(alone.ms / alone.seconds),
      goal: GOAL_US,
    },
    { what: "CPU per delivery, over idle", unit: "µs", value: perDelivery(idle.ms / idle.seconds) },
    {
      what: `CPU per commit of ${ROWS} rows, posting included, over idle`,
      unit: "ms",
      value: alone.ms / alone.seconds - idle.ms / idle.seconds,
    },
    { what: "deliveries", unit: "", value: delivered },
    { what: "published to first client", unit: "ms", value: summarise(first) },
    { what: "published to last client", unit: "ms", value: summarise(last) },
    { what: "published to last client, 95 of 100", unit: "ms", value: percentile(last, 0.95) },
    { what: "server, memory at most", unit: "MB", value: rss.peak / 1e6 },
    { what: "server, cores busy", unit: "", value: busy.ms / 1_000 / busy.seconds },
    { what: "clients, cores busy", unit: "", value: clientMs / 1_000 / busy.seconds },
  ];
}

async function memoryInUse(): Promise<Figure[]> {
  const data = await copyOfDataSet(MEMORY_EVENTS);
  const server = await ServerProcess.start({ dataDir: data.dataDir });
  const client = await connectClients(server, MEMORY_CLIENTS, true);
  await publish(server.address, MEMORY_SECONDS);
  const rss = await memory(server.pid);
  client.close();
  await server.stop();
  return [
    { what: "memory, 100,000 hot rows and 1,000 clients", unit: "MB", value: rss.now / 1e6, goal: GOAL_MB },
    { what: "memory at most, the same", unit: "MB", value: rss.peak / 1e6, goal: GOAL_MB },
  ];
}

async function connectClients(server: ServerProcess, clients: number, gzip: boolean): Promise<Client> {
  const { hostname: host, port } = new URL(server.address);
  const client: Client = new ClientProcess("fanout-client", { host, port: Number(port), clients, gzip });
  await client.message(isConnected);
  return client;
}

/** One post of 20 new rows each second. @returns when each was sent, epoch ms, by the key of its first row */
async function publish(base: string, seconds: number): Promise<Map<string, number>> {
  const random = seededRandom(Date.now());
  const sentAt = new Map<string, number>();
  const begun = performance.now();
  for (let i = 0; i < seconds; i++) {
    await sleep(Math.max(0, begun + i * 1_000 - performance.now()));
    const events = Array.from({ length: ROWS }, () => randomEvent(random, randomUUID(), Date.now()));
    const at = performance.timeOrigin + performance.now();
    for (const { eventId } of events) sentAt.set(eventId, at);
    await postJson(base, events);
  }
  await sleep(Math.max(0, begun + seconds * 1_000 - performance.now()));
  return sentAt;
}

async function cpuOf(server: ServerProcess, work: () => Promise<void> | Promise<unknown>) {
  const before = total(await cpuTime(server.pid));
  const startedAt = performance.now();
  await work();
  return { ms: total(await cpuTime(server.pid)) - before, seconds: (performance.now() - startedAt) / 1_000 };
}

function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
