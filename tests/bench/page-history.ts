/** Pages of a server whose tables hold a million events: now, six hours ago, and how long it takes to start. */
import { ServerProcess } from "../support/server-process";
import { until } from "../support/until";
import { untilAtRest } from "./at-rest";
import { copyOfDataSet, type DataSet } from "./data-set";
import { timedGet, timedGets } from "./http-timing";
import { memory } from "./machine";
import { summarise, type Figure } from "./report";

const LARGE = 1_000_000;
const SMALL = 10_000;
const SIX_HOURS_MS = 6 * 3_600_000;
/** Far enough apart to lie in different commits of the data set. */
const APART_MS = 180_000;
const WARM_UP = 60;

export async function manyEvents(count: number, starts: number): Promise<Figure[]> {
  const large = await copyOfDataSet(LARGE);
  const started = await startTimes(large, starts);
  const now = await onServer(large, async (server) => {
    const home = await timedGets(`${server.address}/`, "br", count, WARM_UP);
    const feed = await timedGets(`${server.address}/feeds/pipeline_events`, "br", count, WARM_UP);
    return { home, feed, rss: (await memory(server.pid)).now };
  });
  const past = [
    ...(await pastPages(large, "/", Math.ceil(count / 5))),
    ...(await pastPages(large, "/feeds/pipeline_events", Math.ceil(count / 5))),
  ];
  const small = await copyOfDataSet(SMALL);
  const few = await onServer(small, (server) => timedGets(`${server.address}/`, "br", count, WARM_UP));
  const ratio = summarise(now.home).median / summarise(few).median;
  return [
    { what: "start with 1,000,000 events until / is served", unit: "ms", value: summarise(started), goal: 3_000 },
    { what: "/ with 100,000 hot rows, 1,000,000 events", unit: "ms", value: summarise(now.home), goal: 30 },
    { what: "/ with 10,000 events", unit: "ms", value: summarise(few) },
    { what: "ratio of these", unit: "", value: ratio, goal: 1.2 },
    { what: "/feeds/pipeline_events, 1,000,000 events", unit: "ms", value: summarise(now.feed) },
    { what: "memory, 100,000 hot rows, no clients", unit: "MB", value: now.rss / 1e6 },
    ...past,
  ];
}

async function startTimes(data: DataSet, starts: number): Promise<number[]> {
  const took: number[] = [];
  for (let i = 0; i < starts; i++) {
    const startedAt = performance.now();
    const server = ServerProcess.spawn({ dataDir: data.dataDir });
    const address = await server.listening;
    await until("the page", async () => (await timedGet(`${address}/`, "br")).status === 200);
    took.push(performance.now() - startedAt);
    await server.stop();
  }
  return took;
}

async function pastPages(data: DataSet, path: string, count: number): Promise<Figure[]> {
  const { first, cold, again } = await onServer(data, async (server) => {
    const url = (i: number) =>
      `${server.address}${path}?at=${new Date(data.endsAt - SIX_HOURS_MS - i * APART_MS).toISOString()}`;
    await timedGets(`${server.address}${path}`, "br", 1, 5);
    const { ms: firstMs } = await timedGet(url(0), "br");
    const coldMs: number[] = [];
    const againMs: number[] = [];
    for (let i = 1; i <= count; i++) {
      coldMs.push((await timedGet(url(i), "br")).ms);
      againMs.push((await timedGet(url(i), "br")).ms);
    }
    return { first: firstMs, cold: coldMs, again: againMs };
  });
  return [
    { what: `${path}?at= 6 h ago, first that a server is asked for`, unit: "ms", value: first, goal: 500 },
    { what: `${path}?at= 6 h ago, cold`, unit: "ms", value: summarise(cold), goal: 500 },
    { what: `${path}?at= 6 h ago, again`, unit: "ms", value: summarise(again), goal: 50 },
  ];
}

async function onServer<T>(data: DataSet, work: (server: ServerProcess) => Promise<T>): Promise<T> {
  const server = await ServerProcess.start({ dataDir: data.dataDir });
  try {
    await untilAtRest(server);
    return await work(server);
  } finally {
    await server.stop();
  }
}
