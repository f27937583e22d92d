/** What comes over a connection and is no request is answered as the protocol has it, and never amid another answer. */
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, it } from "vitest";
import { silentLog } from "../../tests/support/test-log";
import { temporaryFolder } from "../../tests/support/temporary-folder";
import { listen, type Listening } from "./server";

let listening: Listening;

/** Answers everything with the beginning of a stream. */
const beginStream = (_req: IncomingMessage, res: ServerResponse) => {
  res.writeHead(200, { "Content-Type": "text/event-stream" });
  res.write(": hello\n\n");
};

async function serving(headersTimeoutMs?: number): Promise<Socket> {
  const dist = await temporaryFolder();
  const parts = { router: beginStream, notFound: beginStream, dist, log: silentLog, trustProxy: false };
  listening = await listen({ ...parts, ...(headersTimeoutMs && { headersTimeoutMs }) }, "127.0.0.1", 0);
  const socket = connect((listening.server.address() as AddressInfo).port, "127.0.0.1");
  await once(socket, "connect");
  return socket;
}

afterEach(() => listening.close(0));

describe("a connection", () => {
  it("on which nothing comes ends as one that was opened in advance, so that a browser asks again on another", async () => {
    const socket = await serving(30);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 408 /);
  });

  it.each([
    ["no request", "what is this\r\n\r\n", 400],
    ["a head of more than 16 kB", `GET / HTTP/1.1\r\nHost: a\r\nCookie: a=${"b".repeat(17_000)}\r\n\r\n`, 431],
  ])("with %s is told so", async (_name, sent, status) => {
    const socket = await serving();
    socket.write(sent);
    expect(await text(socket)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  it("that brings noise amid an answer ends, and the answer has nothing in it that is not of it", async () => {
    const socket = await serving();
    socket.write("GET /api/v1/live HTTP/1.1\r\nHost: a\r\n\r\n");
    const [head] = (await once(socket, "data")) as [Buffer];
    socket.write("what is this\r\n\r\n");
    expect(head.toString()).toMatch(/^HTTP\/1\.1 200 /);
    expect(await text(socket)).not.toContain("HTTP/1.1");
  });
});
