import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import compression from "compression";
import { afterEach, describe, expect, it } from "vitest";
import { pageWriter } from "./page-stream";

type Handler = Parameters<typeof createServer>[1] & object;
type Middleware = (...args: [...Parameters<Handler>, () => void]) => void;

const compress = compression() as unknown as Middleware;
const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A server that writes a page as the renderer does. @returns its address */
async function serve(write: (page: { write(text: string): unknown }, end: () => void) => void): Promise<string> {
  const server = createServer((request, response) =>
    compress(request, response, () => {
      request.raw = response;
      response.setHeader("Content-Type", "text/html");
      const page = pageWriter({ qwikcity: { ev: { platform: { incomingMessage: request } } } });
      write(page!, () => response.end());
    }),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closing.push(() => server.close().closeAllConnections());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("writing a page", () => {
  it.each(["br", "gzip", "identity"])("sends the head before the rest is rendered, encoded as %s", async (encoding) => {
    let goOn = () => {};
    const address = await serve((page, end) => {
      page.write("<head>ü</head>");
      goOn = () => {
        page.write("<tr>".repeat(50_000));
        page.write("</html>");
        end();
      };
    });
    const { body, headers } = await fetch(address, { headers: { "accept-encoding": encoding } });
    expect(headers.get("content-encoding") ?? "identity").toBe(encoding);
    const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = (await reader.read()).value!;
    expect(text).toBe("<head>ü</head>");
    goOn();
    for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;
    expect(text).toBe(`<head>ü</head>${"<tr>".repeat(50_000)}</html>`);
  });

  it("is left to the server that is not ours", () => {
    expect(pageWriter({})).toBeNull();
    expect(pageWriter({ qwikcity: { ev: { platform: {} } } })).toBeNull();
  });
});
