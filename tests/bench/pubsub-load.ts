/**
 * The Pub/Sub service of the pubsub bench, in its own process: publishes bare Avro events at a steady rate, made beforehand with
 * the times at which they will be sent, and keeps the books of what was delivered, acknowledged and delivered again.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import avro from "avsc";
import { packageRoot } from "~/config";
import { seededRandom } from "../support/random";
import { StreamingPullServer, type ServedMessage } from "../support/streaming-pull-server";
import { tell } from "./client-process";
import { EventStream } from "./event-stream";

export interface LoadOrder {
  seconds: number;
  /** Messages per second that are published. */
  rate: number;
  seed: number;
}

export interface LoadCounts {
  published: number;
  acknowledged: number;
  redelivered: number;
  redeliveredAfterAck: number;
  lateAcks: number;
}

export type LoadTold =
  | { kind: "ready"; host: string }
  | ({ kind: "done"; ms: number; waits: number[]; bytes: number } & LoadCounts)
  | ({ kind: "drained"; ms: number } & LoadCounts);

const TICK_MS = 20;
const DRAIN_MS = 120_000;
const ENCODE_PER_S = 40_000;
const SETTLE_MS = 3_000;
/** Attributes of a message of a topic with an Avro schema whose encoding is binary. */
const BINARY = { googclient_schemaencoding: "BINARY" };

const order = JSON.parse(process.argv[2]!) as LoadOrder;
const schema = JSON.parse(readFileSync(join(packageRoot(), "avro", "PipelineEvent.avsc"), "utf8")) as avro.Schema;

async function run(): Promise<void> {
  const { seconds, rate, seed } = order;
  const count = Math.ceil(seconds * rate);
  const perTick = (rate * TICK_MS) / 1_000;
  const type = avro.Type.forSchema(schema);
  const stream = new EventStream(seededRandom(seed));
  const beginsAt = Date.now() + SETTLE_MS + (count / ENCODE_PER_S) * 1_000;
  const messages: ServedMessage[] = [];
  for (let from = 0; messages.length < count; from++) {
    const at = Math.round(beginsAt + from * TICK_MS);
    const wanted = Math.min(Math.round((from + 1) * perTick), count) - messages.length;
    for (const event of stream.take(wanted, at - TICK_MS, at)) {
      messages.push({ id: String(messages.length), data: type.toBuffer(event), attributes: BINARY });
    }
  }
  const server = await StreamingPullServer.start();
  tell({ kind: "ready", host: server.host });
  await sleep(Math.max(SETTLE_MS, beginsAt - Date.now()));
  await load(server, messages);
}

async function load(server: StreamingPullServer, messages: readonly ServedMessage[]): Promise<void> {
  const { rate, seconds } = order;
  const startedAt = performance.now();
  const waits: number[] = [];
  let published = 0;
  const counts = (): LoadCounts => ({
    published,
    acknowledged: server.acked.size,
    redelivered: server.redelivered,
    redeliveredAfterAck: server.redeliveredAfterAck,
    lateAcks: server.lateAcks,
  });
  const publishedAt = new Map<string, number>();
  while (performance.now() - startedAt < seconds * 1_000) {
    const due = Math.min(messages.length, Math.floor(((performance.now() - startedAt) * rate) / 1_000));
    const now = Date.now();
    if (due > published) {
      publishedAt.set(messages[published]!.id, now);
      server.publish(...messages.slice(published, due).map((message) => ({ ...message, publishedAt: now })));
    }
    published = due;
    for (const [id, at] of publishedAt) {
      if (!server.acked.has(id)) continue;
      waits.push(now - at);
      publishedAt.delete(id);
    }
    await sleep(TICK_MS);
  }
  const bytes = messages.reduce((sum, { data }) => sum + data.length, 0);
  tell({ kind: "done", ms: performance.now() - startedAt, waits, bytes, ...counts() });
  const deadline = performance.now() + DRAIN_MS;
  while (server.acked.size < published && performance.now() < deadline) await sleep(TICK_MS);
  tell({ kind: "drained", ms: performance.now() - startedAt, ...counts() });
}

await run();
