/** The hub over real connections (docs/live-protocol.md). */
import { Agent, createServer, get, type IncomingMessage, type Server } from "node:http";
import { once } from "node:events";
import { connect, type AddressInfo, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { pino } from "pino";
import { Registry } from "prom-client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "~/clock";
import { Live, type LiveOptions } from "~/live/live";
import { wantedTopics } from "~/model/since";
import { MemoryFeed } from "../support/memory-feed";
import { eventRow, NINE, pipelineFeed } from "../support/pipeline-feed";
import { memoryRequest } from "../support/memory-http";
import { openSse, sseParser, type SseStream } from "../support/sse";

const TOPIC = "feeds/pipeline_events";

let tables: MemoryFeed;
let live: Live;
let server: Server;
let base: string;
const open: SseStream[] = [];
const sockets: Socket[] = [];

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
  for (const socket of sockets.splice(0)) socket.destroy();
  await live.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe("a stream of what is not committed yet", () => {
  it("tells what waits longer than a second, again to who comes later, and then the commit (invariant 4)", async () => {
    await start();
    const first = await stream(TOPIC);
    const hello = await first.until(({ event }) => event === "hello");
    const row = eventRow({ eventId: "e-1" });
    live.staged("pipeline_events", "a.avro", [row]);
    const told = await first.until(({ event }) => event === "preview");
    expect(hello.id).not.toBeNull();
    expect(told).toMatchObject({ id: null, data: { topic: TOPIC, up: [row], del: [] } });
    const second = await stream(TOPIC);
    await second.until(({ event }) => event === "preview");
    live.unstaged("pipeline_events", "a.avro");
    commit(1, { eventId: "e-1" });
    for (const one of [first, second]) {
      const delta = await one.until(({ event }) => event === "delta");
      expect(delta.data).toMatchObject({ up: [row] });
    }
    const third = await stream(TOPIC);
    await third.until(({ event }) => event === "hello");
    commit(2, { eventId: "e-2" });
    await third.until(({ event }) => event === "delta");
    expect(third.events.map(({ event }) => event)).toEqual(["hello", "delta"]);
  });
});

describe("a stream under faults", () => {
  it("is kept alive when the clock steps back", async () => {
    let stepMs = 0;
    await start({ clock: { now: () => Date.now() + stepMs }, limits: { heartbeatMs: 20 } });
    const events = await stream(TOPIC);
    await events.until(({ event }) => event === "hello");
    stepMs = -3_600_000;
    const steppedTo = Date.now() + stepMs;
    const beat = await events.until(({ event, data }) => event === "hb" && (data["t"] as number) < steppedTo + 600_000);
    expect(beat.data).toMatchObject({ topic: TOPIC });
  });

  it("that cannot begin is told to come back, and the log says why", async () => {
    const lines: string[] = [];
    tables.resolve = () => Promise.reject(new Error("the disk is on fire"));
    await start({ log: pino({ level: "warn" }, { write: (line: string) => void lines.push(line) }) });
    const events = await stream(`${TOPIC}&since=2026-11-21T09:00:00Z`);
    const bye = await events.until(({ event }) => event === "bye");
    expect(bye.data).toMatchObject({ reason: "drain" });
    expect(lines.join("")).toContain("a stream could not begin");
  });

  it("that was let in before the server began to end is told to come back", async () => {
    let answer: (value: Awaited<ReturnType<MemoryFeed["resolve"]>>) => void = () => undefined;
    const asked = new Promise<void>((resolve) => {
      tables.resolve = () => {
        resolve();
        return new Promise((settle) => (answer = settle));
      };
    });
    await start();
    const opening = stream(`${TOPIC}&since=2026-11-21T09:00:00Z`);
    await asked;
    await live.close();
    answer({ kind: "head", position: "e1.0", instant: null, committedAt: null });
    const bye = await (await opening).until(({ event }) => event === "bye");
    expect(bye.data).toMatchObject({ reason: "drain" });
  });
});

describe("the bytes of a stream", () => {
  it("end in order, so that the connection carries the next answer (rule 23)", async () => {
    tables.commit(NINE, [eventRow({ eventId: "e-1" })]);
    await start({ limits: { heartbeatMs: 20, lifetimeMs: 0 } });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number | undefined>();
    for (let n = 0; n < 2; n++) {
      const [response] = (await once(get(base + TOPIC, { agent }), "response")) as [IncomingMessage];
      ports.add(response.socket.localPort);
      const events = sseParser()(await text(response));
      expect([events[0]?.event, events.at(-1)?.event]).toEqual(["hello", "bye"]);
    }
    expect(ports.size).toBe(1);
    agent.destroy();
  });

  it("are not framed for a client of HTTP/1.0", async () => {
    tables.commit(NINE, [eventRow({ eventId: "e-1" })]);
    await start({ limits: { heartbeatMs: 20, lifetimeMs: 0 } });
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
    sockets.push(socket);
    socket.write(`GET /?topics=${TOPIC} HTTP/1.0\r\n\r\n`);
    const [, body = ""] = (await text(socket)).split("\r\n\r\n");
    const events = sseParser()(body);
    expect([events[0]?.event, events.at(-1)?.event]).toEqual(["hello", "bye"]);
  });
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

  it("replays what came after since, without gap or duplicate, then goes on (rules 9, 13)", async () => {
    const first = tables.commit(NINE, [eventRow({ eventId: "e-1" })]);
    await start();
    await live.read(TOPIC, null);
    commit(1, { eventId: "e-2" });
    const second = commit(2, { eventId: "e-3" });
    const events = await stream(`${TOPIC}&since=${first.to}`);
    const replay = await events.until(({ data }) => data["to"] === second.to);
    expect(replay.data["from"]).toBe(first.to);
    expect((replay.data["up"] as unknown[][]).map(([key]) => key)).toEqual(["e-2", "e-3"]);
    const third = commit(3, { eventId: "e-4" });
    await events.until(({ data }) => data["to"] === third.to);
    expect(events.events.filter(({ event }) => event === "delta")).toHaveLength(2);
  });

  it("shares compressed frames among clients that join at any time (rule 7)", async () => {
    tables.commit(NINE, [eventRow({ eventId: "e-1" })]);
    await start();
    const joined: SseStream[] = [];
    for (let second = 1; second <= 12; second++) {
      joined.push(await stream(TOPIC));
      await joined.at(-1)!.until(({ event }) => event === "hello");
      commit(second, { eventId: `e-${second}`, errorMessage: "x".repeat(second * 500) });
    }
    for (const [i, events] of joined.entries()) {
      await events.until(({ id }) => id === `${TOPIC}@e1.20261121090012000`);
      const seen = events.events
        .filter(({ event }) => event === "delta")
        .flatMap(({ data }) => data["up"] as unknown[][]);
      expect(seen.map(([key]) => key)).toEqual(Array.from({ length: 12 - i }, (_, k) => `e-${i + 1 + k}`));
    }
  });

  it("sends plain text to a client that does not take gzip (rule 7)", async () => {
    tables.commit(NINE, [eventRow({ eventId: "e-1" })]);
    await start();
    const events = await stream(TOPIC, { "accept-encoding": "identity" });
    expect(events.headers.get("content-encoding")).toBeNull();
    expect(events.headers.get("cache-control")).toBe("no-store, no-transform");
    expect(events.headers.get("x-accel-buffering")).toBe("no");
    await events.until(({ event }) => event === "hello");
  });

  it("takes the id that a browser sends back before what the address says (rule 10)", async () => {
    const first = tables.commit(NINE, [eventRow({ eventId: "e-1" })]);
    await start();
    await live.read(TOPIC, null);
    const second = commit(1, { eventId: "e-2" });
    const third = commit(2, { eventId: "e-3" });
    const events = await stream(`${TOPIC}&since=${first.to}`, { "last-event-id": `${TOPIC}@${second.to}` });
    const delta = await events.until(({ data }) => data["to"] === third.to);
    expect(delta.data["from"]).toBe(second.to);
  });

  it("carries several topics, each with its own position (rules 2, 11)", async () => {
    tables.commit(NINE, [eventRow({ eventId: "e-1" })]);
    await start();
    const problems = await live.read("views/problems", null);
    const events = await stream(`${TOPIC},views/problems&since=views/problems@${problems.position}`);
    await events.until(({ event, data }) => event === "hello" && data["topic"] === "views/problems");
    commit(1, { eventId: "e-2", correlationId: "batch-2", status: "FAILED", errorMessage: "disk full" });
    const delta = await events.until(({ event, data }) => event === "delta" && data["topic"] === "views/problems");
    expect(delta.data["up"]).toHaveLength(1);
    expect((delta.data["up"] as unknown[][])[0]).toContain("disk full");
    await events.until(({ event, data }) => event === "delta" && data["topic"] === TOPIC);
  });

  it("says nothing about a view that a commit did not change, and moves its position by heartbeat (rules 4, 5)", async () => {
    tables.commit(NINE, [eventRow({ eventId: "e-1" })]);
    await start({ limits: { heartbeatMs: 20 } });
    const events = await stream(`${TOPIC},views/problems`);
    await events.until(({ event, data }) => event === "hello" && data["topic"] === "views/problems");
    commit(1, { eventId: "e-1", lastUpdatedAt: NINE + 1_000 });
    const beat = await events.until(
      ({ event, data }) =>
        event === "hb" && data["topic"] === "views/problems" && String(data["head"]).endsWith("01000"),
    );
    expect(beat.id).toBe(`views/problems@${String(beat.data["head"])}`);
    const deltas = events.events.filter(({ event, data }) => event === "delta" && data["topic"] === "views/problems");
    expect(deltas).toEqual([]);
  });

  it.each([
    ["not-a-position", "bad-since"],
    ["e1.20261121230000000", "bad-since"],
    ["20261121230000000", "bad-since"],
    ["views/problems@e1.20261121090000000", "bad-since"],
    ["e9.20261121090000000", "epoch"],
  ])(
    "answers since=%s with 200 and a reset: %s (rule 12)",
    async (since, reason) => {
      tables.commit(NINE, [eventRow({ eventId: "e-1" })]);
      await start();
      const events = await stream(`${TOPIC}&since=${since}`);
      expect(events.status).toBe(200);
      const reset = await events.until(({ event }) => event === "reset");
      expect(reset.id).toBe("");
      expect(reset.data).toEqual({ topic: TOPIC, reason, head: "e1.20261121090000000" });
      await events.ended;
    },
    20_000,
  );

  it("resets a client whose position is no longer kept (rule 12)", async () => {
    const first = tables.commit(NINE, [eventRow({ eventId: "e-1" })]);
    const second = tables.commit(NINE + 1_000, [eventRow({ eventId: "e-2" })]);
    tables.forget(second.to);
    await start();
    const events = await stream(`${TOPIC}&since=${first.to}`);
    expect((await events.until(({ event }) => event === "reset")).data["reason"]).toBe("expired");
  });

  it("brings a client up from the lake when the ring no longer reaches it (rule 14)", async () => {
    const first = tables.commit(NINE, [eventRow({ eventId: "e-1" })]);
    for (let second = 1; second <= 5; second++)
      tables.commit(NINE + second * 1_000, [eventRow({ eventId: `e-${second}` })]);
    await start();
    const events = await stream(`${TOPIC}&since=${first.to}`);
    const delta = await events.until(({ event }) => event === "delta");
    expect(delta.data).toMatchObject({ from: first.to, to: "e1.20261121090005000" });
  });

  it("resets everybody when the table was made anew (rule 12)", async () => {
    tables.commit(NINE, [eventRow({ eventId: "e-1" })]);
    await start();
    const events = await stream(TOPIC);
    await events.until(({ event }) => event === "hello");
    tables.recreate("e2");
    commit(1, { eventId: "e-7" });
    const reset = await events.until(({ event }) => event === "reset");
    expect(reset.data).toMatchObject({ reason: "epoch", head: "e2.20261121090001000" });
    await events.ended;
  });

  it("finds a commit that nobody announced (rule 15)", async () => {
    tables.commit(NINE, [eventRow({ eventId: "e-1" })]);
    await start({ pollMs: 20 });
    const events = await stream(TOPIC);
    await events.until(({ event }) => event === "hello");
    const done = tables.commit(NINE + 1_000, [eventRow({ eventId: "e-2" })]);
    expect((await events.until(({ event }) => event === "delta")).data["to"]).toBe(done.to);
  });

  it("refuses no connection with an error status: a full house says bye (rule 24)", async () => {
    tables.commit(NINE, [eventRow({ eventId: "e-1" })]);
    await start({ limits: { connections: 1 } });
    const one = await stream(TOPIC);
    await one.until(({ event }) => event === "hello");
    const two = await stream(TOPIC);
    expect(two.status).toBe(200);
    const bye = await two.until(({ event }) => event === "bye");
    expect(bye.data["reason"]).toBe("full");
    expect(bye.retry).toBe(bye.data["after"]);
    await two.ended;
  });

  it("ends every stream after its lifetime with a time to come back (rule 23)", async () => {
    tables.commit(NINE, [eventRow({ eventId: "e-1" })]);
    await start({ limits: { lifetimeMs: 50, heartbeatMs: 20 } });
    const events = await stream(TOPIC);
    const bye = await events.until(({ event }) => event === "bye");
    expect(bye.data["reason"]).toBe("rotate");
    await events.ended;
  });

  it("says bye to all when it closes (rule 23)", async () => {
    tables.commit(NINE, [eventRow({ eventId: "e-1" })]);
    await start();
    const events = await stream(TOPIC);
    await events.until(({ event }) => event === "hello");
    await live.close();
    expect((await events.until(({ event }) => event === "bye")).data["reason"]).toBe("drain");
    await events.ended;
  });

  it("names an unknown feed before the stream begins (rule 1)", async () => {
    await start();
    const { request, response } = memoryRequest({}, () => undefined);
    await expect(
      live.subscribe(request, response, [{ topic: "feeds/nothing", since: null, isExact: true }]),
    ).rejects.toThrow('There is no feed "nothing": there are pipeline_events.');
    expect(response.headersSent).toBe(false);
  });
});

describe("a client that does not read", () => {
  it("keeps nothing growing on the server, is brought up by one frame when it reads again, and holds up nobody (rules 20, 21)", async () => {
    tables.commit(NINE, [eventRow({ eventId: "e-1" })]);
    await start({ limits: { heartbeatMs: 600_000 } });
    const fast = await stream(TOPIC);
    await fast.until(({ event }) => event === "hello");
    const slow = await stalledClient();
    const big = "x".repeat(200_000);
    const started = process.memoryUsage().arrayBuffers;
    for (let second = 1; second <= 100; second++) {
      const done = commit(second, { eventId: "e-1", lastUpdatedAt: NINE + second, errorMessage: `${second} ${big}` });
      await fast.until(({ data }) => data["to"] === done.to);
    }
    expect(process.memoryUsage().arrayBuffers - started).toBeLessThan(100_000_000);
    const text = await slow.read((seen) => seen.includes('e1.20261121090140000","up"') && seen.endsWith("\n\n"));
    const deltas = sseParser()(text).filter(({ event }) => event === "delta");
    // What the kernel had taken before the stall was seen, then one frame for all the rest.
    expect(deltas.length).toBeLessThan(60);
    expect(deltas.at(-1)!.data["to"]).toBe("e1.20261121090140000");
    for (const [i, { data }] of deltas.slice(1).entries()) expect(data["from"]).toBe(deltas[i]!.data["to"]);
  });

  it("is cut after a while (rule 22)", async () => {
    tables.commit(NINE, [eventRow({ eventId: "e-1" })]);
    await start({ limits: { behindMs: 100, heartbeatMs: 600_000 } });
    const fast = await stream(TOPIC);
    await fast.until(({ event }) => event === "hello");
    const slow = await stalledClient();
    const big = "x".repeat(500_000);
    for (let second = 1; second <= 40; second++) {
      const done = commit(second, { eventId: "e-1", lastUpdatedAt: NINE + second, errorMessage: `${second} ${big}` });
      await fast.until(({ data }) => data["to"] === done.to);
    }
    await slow.closed;
    expect(live.status("pipeline_events").connections).toBe(1);
  });
});

/** A connection that sends its request and reads nothing until told. */
async function stalledClient() {
  const socket = connect((server.address() as AddressInfo).port, "127.0.0.1");
  await once(socket, "connect");
  socket.write(`GET /?topics=${TOPIC} HTTP/1.0\r\n\r\n`);
  const [head] = (await once(socket, "data")) as [Buffer];
  socket.pause();
  socket.on("error", () => undefined); // being cut is what one of the tests waits for
  sockets.push(socket);
  const closed = new Promise<void>((resolve) => {
    // A paused socket does not notice its end: the server's side of it does.
    server.getConnections(function look(_error, count) {
      if (count <= 1) resolve();
      else setImmediate(() => server.getConnections(look));
    });
  });
  return {
    closed,
    read: async (isDone: (text: string) => boolean) => {
      let text = head.toString();
      for await (const chunk of socket) {
        text += String(chunk);
        if (isDone(text.slice(-4_000_000))) break;
      }
      return text.slice(text.indexOf("\r\n\r\n") + 4);
    },
  };
}

describe("a note (rule 37)", () => {
  it("reaches everybody who follows its topic at once, without id, and nobody else", async () => {
    await start();
    commit(1, { eventId: "e-1" });
    const [feed, problems] = [await stream(TOPIC), await stream(`views/problems,${TOPIC}`)];
    for (const one of [feed, problems]) await one.until(({ event }) => event === "hello");
    await problems.until(({ event, data }) => event === "hello" && data["topic"] === TOPIC);
    const note = { topic: "views/problems", kind: "mark", ref: 'x"\n\nevent: bye' } as const;
    live.note(note);
    live.note({ ...note, topic: "views/nothing" });
    live.note({ ...note, topic: "feeds/nothing" });
    const told = await problems.until(({ event }) => event === "note");
    expect(told).toEqual({ event: "note", id: null, retry: null, data: note });
    commit(2, { eventId: "e-2" });
    await feed.until(({ event }) => event === "delta");
    expect(feed.events.some(({ event }) => event === "note")).toBe(false);
  });
});
