/**
 * Thousands of readers of the event stream in one process, over bare sockets. Each of them checks every frame: it must begin
 * where the one before ended. What all of them get is the same bytes, so bytes that were seen before are not parsed again.
 */
import { connect, type Socket } from "node:net";
import { constants, inflateRawSync } from "node:zlib";
import { sseParser } from "../support/sse";
import { tell } from "./client-process";

export interface FanoutOrder {
  host: string;
  port: number;
  clients: number;
  gzip: boolean;
}

export type FanoutAsked = { kind: "report" };

/** Arrival of one frame: times are epoch ms with fractions. */
export interface Arrival {
  to: string;
  /** First value of the frame's first row. */
  key: string;
  rows: number;
  clients: number;
  first: number;
  last: number;
}

export type FanoutTold =
  | { kind: "connected" }
  | {
      kind: "report";
      arrivals: Arrival[];
      /** Frames that did not begin where the one before ended. */
      gaps: number;
      /** Fewest and most rows that a client got. */
      rows: { least: number; most: number };
      /** Streams that ended or said anything but hello, delta and heartbeat. */
      broken: number;
    };

const AT_ONCE = 200;
const CACHED = 64;
const GZIP_HEADER_BYTES = 10;

const order = JSON.parse(process.argv[2]!) as FanoutOrder;
const now = () => performance.timeOrigin + performance.now();

type Event =
  | { kind: "hello"; position: string }
  | { kind: "delta"; from: string; to: string; key: string; rows: number }
  | { kind: "other" };

const arrivals = new Map<string, Arrival>();
const parsed = new Map<string, Event[]>();
let gaps = 0;
let broken = 0;

class Client {
  #cursor: string | null = null;
  #rest: Buffer = Buffer.alloc(0);
  #inBody = false;
  #isFirstChunk = true;
  rows = 0;
  readonly greeted: Promise<void>;
  #greet!: () => void;

  constructor(readonly socket: Socket) {
    this.greeted = new Promise((resolve) => (this.#greet = resolve));
    socket.on("data", (data) => this.#take(data));
    socket.on("close", () => broken++);
    socket.on("error", () => undefined); // it closes then, and that counts
  }

  /** HTTP/1.1 with chunks: the server writes a piece of the stream as one chunk. */
  #take(data: Buffer): void {
    let buffer = this.#rest.length === 0 ? data : Buffer.concat([this.#rest, data]);
    if (!this.#inBody) {
      const end = buffer.indexOf("\r\n\r\n");
      if (end < 0) return void (this.#rest = buffer);
      buffer = buffer.subarray(end + 4);
      this.#inBody = true;
    }
    for (;;) {
      const line = buffer.indexOf("\r\n");
      if (line < 0) break;
      const size = Number.parseInt(buffer.toString("latin1", 0, line), 16);
      if (buffer.length < line + 2 + size + 2) break;
      this.#chunk(buffer.subarray(line + 2, line + 2 + size));
      buffer = buffer.subarray(line + 2 + size + 2);
    }
    this.#rest = buffer;
  }

  #chunk(chunk: Buffer): void {
    const isHeader = order.gzip && this.#isFirstChunk;
    this.#isFirstChunk = false;
    const rest = isHeader ? chunk.subarray(GZIP_HEADER_BYTES) : chunk;
    if (rest.length > 0) for (const event of eventsOf(rest)) this.#event(event);
  }

  #event(event: Event): void {
    if (event.kind === "other") return;
    if (event.kind === "hello") {
      this.#cursor = event.position;
      return this.#greet();
    }
    if (event.from !== this.#cursor) gaps++;
    this.#cursor = event.to;
    this.rows += event.rows;
    note(event);
  }
}

function note({ to, key, rows }: Event & { kind: "delta" }): void {
  const at = now();
  const known = arrivals.get(to);
  if (known) {
    known.clients++;
    known.last = at;
  } else arrivals.set(to, { to, key, rows, clients: 1, first: at, last: at });
}

function eventsOf(chunk: Buffer): Event[] {
  const text = chunk.toString("latin1");
  const known = parsed.get(text);
  if (known) return known;
  const plain = order.gzip
    ? inflateRawSync(chunk, { finishFlush: constants.Z_SYNC_FLUSH }).toString("utf8")
    : chunk.toString("utf8");
  const events = sseParser()(plain).map(({ event, id, data }): Event => {
    if (event === "hello") return { kind: "hello", position: positionIn(id!) };
    if (event !== "delta") {
      if (event !== "hb") broken++;
      return { kind: "other" };
    }
    const up = data["up"] as unknown[][];
    return {
      kind: "delta",
      from: String(data["from"]),
      to: String(data["to"]),
      key: String(up[0]?.[0]),
      rows: up.length,
    };
  });
  if (parsed.size >= CACHED) parsed.delete(parsed.keys().next().value!);
  parsed.set(text, events);
  return events;
}

/** `topic@position` */
const positionIn = (id: string): string => id.slice(id.lastIndexOf("@") + 1);

async function open(): Promise<Client> {
  const socket = connect({ host: order.host, port: order.port, noDelay: true });
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  const client = new Client(socket);
  socket.write(
    `GET /api/v1/feeds/pipeline_events/live HTTP/1.1\r\nHost: ${order.host}:${order.port}\r\n` +
      `Accept: text/event-stream\r\n${order.gzip ? "Accept-Encoding: gzip\r\n" : ""}\r\n`,
  );
  await client.greeted;
  return client;
}

const clients: Client[] = [];
while (clients.length < order.clients) {
  const count = Math.min(AT_ONCE, order.clients - clients.length);
  clients.push(...(await Promise.all(Array.from({ length: count }, open))));
}
process.on("message", (asked: FanoutAsked) => {
  if (asked.kind !== "report") return;
  const rows = clients.map((client) => client.rows);
  const told: FanoutTold = {
    kind: "report",
    arrivals: [...arrivals.values()],
    gaps,
    rows: { least: Math.min(...rows), most: Math.max(...rows) },
    broken,
  };
  tell(told);
});
tell({ kind: "connected" });
