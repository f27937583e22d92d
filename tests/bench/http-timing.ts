/** Whole answers over a kept connection, timed from the request's first byte to the answer's last. */
import { Agent, request } from "node:http";

export interface TimedAnswer {
  status: number;
  ms: number;
  /** As it came over the wire. */
  body: Buffer;
}

/** One connection per server. */
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/** @param encoding value of Accept-Encoding @throws on any answer but 200 */
export function timedGet(
  url: string,
  encoding: "identity" | "br",
  more: Readonly<Record<string, string>> = {},
): Promise<TimedAnswer> {
  const startedAt = performance.now();
  const headers = { "accept-encoding": encoding, accept: "text/html", ...more };
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.once("error", reject);
      response.once("end", () => {
        const body = Buffer.concat(chunks);
        const status = response.statusCode!;
        if (status !== 200) reject(new Error(`GET ${url} answered ${status}: ${body.toString("utf8", 0, 300)}`));
        else resolve({ status, ms: performance.now() - startedAt, body });
      });
    });
    sent.once("error", reject);
    sent.end();
  });
}

/** So many times after so many that are not counted; ms. */
export async function timedGets(
  url: string,
  encoding: "identity" | "br",
  count: number,
  warmUp: number,
): Promise<number[]> {
  const took: number[] = [];
  for (let i = 0; i < warmUp + count; i++) {
    const { ms } = await timedGet(url, encoding);
    if (i >= warmUp) took.push(ms);
  }
  return took;
}
