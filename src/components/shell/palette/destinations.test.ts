import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import type { Destination } from "./destination";
import { askDestinations } from "./destinations";

const PIPELINES = "/api/v1/views/pipelines/rows";
const pipelines = JSON.stringify({ rows: [{ pipelineName: "orders", state: "ok" }] });

let server: Server | undefined;

/** A server that answers this to what is asked for at a path. @returns its address */
async function serving(answer: (path: string, response: ServerResponse) => void): Promise<string> {
  server = createServer(({ url }, response) => answer(url!.split("?", 1)[0]!, response));
  const own = server;
  await new Promise<void>((resolve) => own.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(own.address() as AddressInfo).port}`;
}

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function found(origin: string, signal = new AbortController().signal): Promise<string[]> {
  const all: Destination[] = [];
  await askDestinations((some) => all.push(...some), signal, origin);
  return all.map(({ label }) => label);
}

describe("what the palette asks for", () => {
  it("leaves out what is refused, broken off or of another shape, and brings the rest", async () => {
    const origin = await serving((path, response) => {
      if (path === PIPELINES) response.end(pipelines);
      else if (path === "/api/v1/saved-views") response.writeHead(503).end();
      else if (path === "/api/v1/dashboards") response.end(`{"error":"another shape"}`);
      else response.writeHead(200, { "content-length": 100 }).write("{", () => response.destroy());
    });
    expect(await found(origin)).toEqual(["orders"]);
  });

  it("ends in silence when it is closed amid an answer", async () => {
    const closing = new AbortController();
    const origin = await serving((path, response) => {
      if (path === PIPELINES) response.end(pipelines);
      else response.writeHead(200, { "content-length": 100 }).write("{");
    });
    const labels: string[] = [];
    // The others never end: closing it is what does.
    const close = (some: readonly Destination[]) => {
      labels.push(...some.map(({ label }) => label));
      closing.abort();
    };
    await askDestinations(close, closing.signal, origin);
    expect(labels).toEqual(["orders"]);
  });
});
