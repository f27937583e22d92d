/** A far end that answers events as a test says, over real connections: what a Weir server does only on a bad day. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { onTestFinished } from "vitest";

export interface Received {
  method: string;
  path: string;
  headers: IncomingMessage["headers"];
  /** Parsed from NDJSON. */
  events: Record<string, unknown>[];
  /** Epoch ms. */
  at: number;
}

export type Reply =
  | { status: number; body?: unknown; headers?: Record<string, string> }
  /** Cuts the connection. */
  | "cut"
  /** Never answers. */
  | "silence";

export const taken = (events: readonly unknown[], rejected: readonly object[] = []): Reply => ({
  status: 202,
  body: { accepted: events.length - rejected.length, rejected },
});

export interface FarEnd {
  url: string;
  received: Received[];
}

/** @param reply decides by the request and its number, from 0 */
export async function farEnd(reply: (request: Received, number: number) => Reply): Promise<FarEnd> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void readRequest(request).then((read) => {
      received.push(read);
      answer(response, reply(read, received.length - 1));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

async function readRequest(request: IncomingMessage): Promise<Received> {
  const sent = await buffer(request);
  const body = request.headers["content-encoding"] === "gzip" ? gunzipSync(sent) : sent;
  return {
    method: request.method!,
    path: request.url!,
    headers: request.headers,
    events: body
      .toString()
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, unknown>),
    at: Date.now(),
  };
}

function answer(response: ServerResponse, reply: Reply): void {
  if (reply === "silence") return;
  if (reply === "cut") {
    response.destroy();
    return;
  }
  response.writeHead(reply.status, { "content-type": "application/json", ...reply.headers });
  response.end(reply.body === undefined ? "" : JSON.stringify(reply.body));
}
