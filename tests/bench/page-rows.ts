/** A server with 5,000 recent events, of one kind of key. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { feedInfo, postAvro } from "../support/api-client";
import { randomEvent, type PipelineEvent } from "../support/pipeline-event";
import { seededRandom } from "../support/random";
import { ServerProcess } from "../support/server-process";
import { until } from "../support/until";
import { untilAtRest } from "./at-rest";
import { tempFolder } from "./temp";

export const PAGE_ROWS = 5_000;
const SPAN_MS = 3_600_000;

export interface ServerWithRows {
  server: ServerProcess;
  /** Newest first, as on the page. */
  events: PipelineEvent[];
  /** The page of the feed with so many rows. */
  url(limit: number): string;
}

export async function serverWithRows(keys: "short" | "uuid"): Promise<ServerWithRows> {
  const random = seededRandom(5);
  const now = Date.now();
  const events = Array.from({ length: PAGE_ROWS }, (_, i) =>
    randomEvent(random, keys === "short" ? `e-${i}` : randomUUID(), Math.round(now - (i / PAGE_ROWS) * SPAN_MS)),
  );
  const server = await ServerProcess.start({ dataDir: join(await tempFolder(), "data") });
  await postAvro(server.address, events);
  await until("the rows to be shown", async () => (await feedInfo(server.address)).hot.rows === PAGE_ROWS);
  await untilAtRest(server);
  return { server, events, url: (limit) => `${server.address}/feeds/pipeline_events?limit=${limit}` };
}
