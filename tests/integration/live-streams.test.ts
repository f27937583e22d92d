/** The hub over real connections (docs/live-protocol.md). */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import { Registry } from "prom-client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "~/clock";
import { Live, type LiveOptions } from "~/live/live";
import { wantedTopics } from "~/model/since";
import { MemoryFeed } from "../support/memory-feed";
import { eventRow, NINE, pipelineFeed } from "../support/pipeline-feed";
import { openSse, type SseStream } from "../support/sse";

const TOPIC = "feeds/pipeline_events";

let tables: MemoryFeed;
let live: Live;
let server: Server;
let base: string;
const open: SseStream[] = [];

async function start(options: Partial<LiveOptions> = {}): Promise<void> {
  live = await Live.open({
    feeds: [pipelineFeed],
    readerOf: () => tables,
    hotRows: 100,
    clock: systemClock,
    log: pino({ level: "silent" }),
    metrics: new Registry(),
    ...options,
  });
  server = createServer((request, response) => {
    const query = new URL(request.url!, "http://localhost").searchParams;
    const lastEventId = request.headers["last-event-id"];
    const wanted = wantedTopics(query.get("topics")!, query.get("since"), (lastEventId as string | undefined) ?? null);
    if (typeof wanted === "string") throw new Error(wanted);
    void live.subscribe(request, response, wanted);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/?topics=`;
}

async function stream(query: string, headers: Record<string, string> = {}): Promise<SseStream> {
  const opened = await openSse(base + query, headers);
  open.push(opened);
  return opened;
}

const commit = (second: number, ...rows: Parameters<typeof eventRow>[0][]) => {
  const done = tables.commit(NINE + second * 1_000, rows.map(eventRow));
  live.committed("pipeline_events", done);
  return done;
};

beforeEach(() => {
  tables = new MemoryFeed(pipelineFeed);
});

afterEach(async () => {
  for (const opened of open.splice(0)) opened.close();
  await live.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe("a stream", () => {
  it("greets with its position, then brings each commit once (rules 3, 9)", async () => {
    tables.commit(NINE, [eventRow({ eventId: "e-1" })]);
    await start();
    const events = await stream(`${TOPIC}`);
    expect(events.status).toBe(200);
    expect(events.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    expect(events.headers.get("content-encoding")).toBe("gzip");
    const hello = await events.until(({ event }) => event === "hello");
    expect(hello.data).toMatchObject({ topic: TOPIC, since: "e1.20261121090000000", head: "e1.20261121090000000" });
    expect(hello.data["cols"]).toHaveLength(pipelineFeed.fields.length);
    const done = commit(1, { eventId: "e-2", status: "FAILED" });
    const delta = await events.until(({ event }) => event === "delta");
    expect(delta.id).toBe(`${TOPIC}@${done.to}`);
    expect(delta.data).toMatchObject({ from: done.from, to: done.to, up: done.up, del: [], floor: null });
    expect(delta.data["counts"]).toEqual({
      window: { COMPLETED: 1, FAILED: 1 },
      day: { COMPLETED: 1, FAILED: 1 },
    });
  });
});
