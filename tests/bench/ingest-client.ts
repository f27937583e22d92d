/**
 * The publisher of the ingest bench, in its own process: containers of 500 messages at a steady rate, several under way at
 * once. The containers are made before the clock starts, with the times at which they will be sent, so that what is measured
 * is the server and not this process.
 */
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { encodeContainer } from "../support/avro-container";
import { seededRandom } from "../support/random";
import { tell } from "./client-process";
import { EventStream } from "./event-stream";
import { round } from "./report";

export interface IngestOrder {
  base: string;
  seconds: number;
  /** Messages per second that are offered. */
  rate: number;
  seed: number;
}

export type IngestTold =
  | { kind: "ready" }
  | {
      kind: "done";
      startedAt: number;
      endedAt: number;
      acknowledged: number;
      /** Time from sending to 202, ms. */
      waits: number[];
      bytes: number;
      /** Answers that were not 202, by status. */
      refused: Record<string, number>;
    };

const PER_CONTAINER = 500;
const CONNECTIONS = 8;
/** Sending begins this long after the containers were begun to be made, and their times say so. */
const ENCODE_MS_PER_CONTAINER = 9;

const order = JSON.parse(process.argv[2]!) as IngestOrder;
const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });

async function run(): Promise<void> {
  const { seconds, rate, seed } = order;
  const count = Math.ceil((seconds * rate) / PER_CONTAINER);
  const gapMs = (PER_CONTAINER / rate) * 1_000;
  const beginsAt = Date.now() + 2_000 + count * ENCODE_MS_PER_CONTAINER;
  const stream = new EventStream(seededRandom(seed));
  const containers: Buffer[] = [];
  for (let i = 0; i < count; i++) {
    const at = Math.round(beginsAt + i * gapMs);
    containers.push(await encodeContainer(stream.take(PER_CONTAINER, at - gapMs, at), "null"));
  }
  tell({ kind: "ready" });
  await sleep(Math.max(0, beginsAt - Date.now()));
  tell(await sendAll(containers, gapMs));
}

async function sendAll(containers: readonly Buffer[], gapMs: number): Promise<IngestTold> {
  const startedAt = performance.now();
  const begun = Date.now();
  const waits: number[] = [];
  const refused: Record<string, number> = {};
  let acknowledged = 0;
  let next = 0;
  const bytes = containers.reduce((sum, { length }) => sum + length, 0);
  const endsBy = startedAt + containers.length * gapMs;
  const worker = async () => {
    while (next < containers.length && performance.now() < endsBy) {
      const i = next++;
      const dueIn = startedAt + i * gapMs - performance.now();
      if (dueIn > 0) await sleep(dueIn);
      const sentAt = performance.now();
      const status = await post(containers[i]!);
      if (status === 202) {
        acknowledged += PER_CONTAINER;
        waits.push(round(performance.now() - sentAt));
      } else {
        refused[status] = (refused[status] ?? 0) + 1;
        await sleep(100);
      }
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  return { kind: "done", startedAt: begun, endedAt: Date.now(), acknowledged, waits, bytes, refused };
}

function post(body: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(
      `${order.base}/api/v1/feeds/pipeline_events/events`,
      { method: "POST", agent, headers: { "content-type": "application/avro", "content-length": body.length } },
      (response) => {
        response.resume();
        response.once("end", () => resolve(response.statusCode!));
        response.once("error", reject);
      },
    );
    sent.once("error", reject);
    sent.end(body);
  });
}

await run();
