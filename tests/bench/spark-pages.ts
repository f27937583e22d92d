/** Servers on Spark: their pages beside those of the embedded engine, and the way of a message from Pub/Sub to a cell. */
import { setTimeout as sleep } from "node:timers/promises";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import avro from "avsc";
import { packageRoot } from "~/config";
import { feedInfo } from "../support/api-client";
import { randomEvent, type PipelineEvent } from "../support/pipeline-event";
import { seededRandom } from "../support/random";
import { ServerProcess } from "../support/server-process";
import { StreamingPullServer } from "../support/streaming-pull-server";
import { until } from "../support/until";
import { launchBrowser, withPage } from "./browser";
import { copyOfDataSet } from "./data-set";
import { timedGet } from "./http-timing";
import { openLive, seenAt, watchTexts } from "./page-changes";
import { summarise, type Figure } from "./report";

const EVENTS = 100_000;
const REQUESTS = 60;
const WARM_UP = 30;
const MESSAGES = 40;
const READY_MS = 120_000;
const BINARY = { googclient_schemaencoding: "BINARY" };
const schema = JSON.parse(readFileSync(join(packageRoot(), "avro", "PipelineEvent.avsc"), "utf8")) as avro.Schema;
const eventType = avro.Type.forSchema(schema);

const sparkEnv = (url: string) => ({
  WEIR_ENGINE: "spark",
  WEIR_SPARK_URL: `${url.replace(/\/[^/]*$/, "")}/bench_${randomUUID().replaceAll("-", "")}`,
});

/** A server on a copy of the day, and how long after its start its first page showed the hot window. */
async function server(env: Readonly<Record<string, string>>): Promise<{ server: ServerProcess; readyMs: number }> {
  const { dataDir } = await copyOfDataSet(EVENTS);
  const startedAt = performance.now();
  const started = await ServerProcess.start({ dataDir, env });
  // Until the window is there the page says so with 503; the call that describes a feed counts whole tables besides.
  await until("the first page", async () => (await fetch(`${started.address}/`)).status === 200, READY_MS);
  const readyMs = performance.now() - startedAt;
  const loaded = async () => (await feedInfo(started.address)).hot.rows >= EVENTS;
  await until("the hot window to be whole", loaded, READY_MS);
  return { server: started, readyMs };
}

/** One request to each in turn, so that both meet the same machine. */
export async function pagesOnBoth(sparkUrl: string): Promise<Figure[]> {
  // The one whose start is measured comes first: in its first minute a server makes its database and rolls up its hours.
  const spark = await server(sparkEnv(sparkUrl));
  const embedded = await server({});
  const [own, distributed]: [number[], number[]] = [[], []];
  try {
    for (let i = 0; i < WARM_UP + REQUESTS; i++) {
      const a = await timedGet(`${embedded.server.address}/`, "br");
      const b = await timedGet(`${spark.server.address}/`, "br");
      if (i < WARM_UP) continue;
      own.push(a.ms);
      distributed.push(b.ms);
    }
  } finally {
    await embedded.server.stop();
    await spark.server.stop();
  }
  const ratio = summarise(distributed).median / summarise(own).median;
  return [
    { what: "start of a server on Spark until its pages show the day", unit: "ms", value: spark.readyMs, goal: 10_000 },
    { what: "/ on the embedded engine", unit: "ms", value: summarise(own) },
    { what: "/ on Spark", unit: "ms", value: summarise(distributed) },
    { what: "ratio of these", unit: "", value: ratio, goal: 1.2 },
  ];
}

/** From the publishing of a newer version to the change of its cell; one message at a time. */
export async function publishToCell(sparkUrl: string): Promise<Figure[]> {
  const pubsub = await StreamingPullServer.start();
  const { server: weir } = await server({
    ...sparkEnv(sparkUrl),
    PUBSUB_EMULATOR_HOST: pubsub.host,
    WEIR_PUBSUB_PROJECT: "weir-bench",
    WEIR_PUBSUB_SUBSCRIPTIONS: "pipeline_events=events",
  });
  const browser = await launchBrowser();
  const random = seededRandom(MESSAGES);
  const [took, untilCommitted]: [number[], number[]] = [[], []];
  const publish = (event: PipelineEvent) =>
    pubsub.publish({ id: randomUUID(), data: eventType.toBuffer(event), attributes: BINARY, publishedAt: Date.now() });
  try {
    await withPage(browser, watchTexts, async (page) => {
      await openLive(page, `${weir.address}/feeds/pipeline_events?limit=1000`);
      for (let i = -1; i < MESSAGES; i++) {
        const number = Date.now();
        const event = { ...randomEvent(random, `latency-${number}`, number), errorMessage: `token-${number}1` };
        publish(event);
        await seenAt(page, `token-${number}1`, "committed");
        await sleep(random.int(300, 2_000));
        const publishedAt = performance.timeOrigin + performance.now();
        publish({ ...event, errorMessage: `token-${number}2`, lastUpdatedAt: Date.now() });
        const ms = (await seenAt(page, `token-${number}2`)) - publishedAt;
        const committedMs = (await seenAt(page, `token-${number}2`, "committed")) - publishedAt;
        if (i < 0) continue;
        took.push(ms);
        untilCommitted.push(committedMs);
      }
    });
  } finally {
    await browser.close();
    await weir.stop();
    pubsub.close();
  }
  const value = summarise(took);
  return [
    { what: "Pub/Sub to cell changed, Spark", unit: "ms", value, goal: 2_500 },
    { what: "the same, 99 of 100", unit: "ms", value, goal: 4_500, judged: "p99" },
    { what: "the same, until the row is committed", unit: "ms", value: summarise(untilCommitted) },
  ];
}
