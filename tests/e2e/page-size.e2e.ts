/** What a page of 5,000 rows weighs: rows are markup and never join what the framework serialises. */
import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { postAvro } from "../support/api-client";
import { FEED_PAGE } from "../support/pages";
import { randomEvent } from "../support/pipeline-event";
import { seededRandom } from "../support/random";
import { runningWeir } from "../support/weir";

const ROWS = 5_000;
const MB = 1_000_000;
const weir = runningWeir();

beforeAll(async () => {
  const random = seededRandom(7);
  const start = Date.now() - 3_600_000;
  const events = (version: string, keyOf: (i: number) => string) =>
    Array.from({ length: ROWS }, (_, i) => ({ ...randomEvent(random, keyOf(i), start + i * 100), version }));
  await postAvro(
    weir.address,
    events("short", (i) => `e-${i}`),
  );
  await postAvro(
    weir.address,
    events("uuid", () => randomUUID()),
  );
  await weir.publish([weir.event({ eventId: "last", version: "other" })]);
});

async function pageOf(version: string): Promise<string> {
  const response = await fetch(weir.url(`${FEED_PAGE}?limit=${ROWS}&version=${version}`), {
    headers: { accept: "text/html", "accept-encoding": "identity" },
  });
  return response.text();
}

const bytes = (text: string) => Buffer.byteLength(text);
const rowIds = (html: string) => [...html.matchAll(/<tr id="_([^"]+)"/g)].map(([, id]) => id!);

describe("a page of 5,000 rows", () => {
  it.each([
    ["short", 1.25 * MB],
    ["uuid", 1.6 * MB],
  ])("with %s keys stays within its bytes, and its state knows no row", async (version, limit) => {
    const html = await pageOf(version);
    const ids = rowIds(html);
    expect(ids).toHaveLength(ROWS);
    expect(bytes(html)).toBeLessThanOrEqual(limit);
    const state = /<script type="qwik\/json"[^>]*>(.*?)<\/script>/s.exec(html)![1]!;
    expect(bytes(state)).toBeLessThan(4_000);
    expect(ids.filter((id) => state.includes(`"${id}"`) || state.includes(`_${id}"`))).toEqual([]);
    expect(html.match(/on:click/g)?.length ?? 0).toBeLessThan(20);
  });
});
