/** What every call has in common: parameters, methods, addresses, caches and pages of other origins, behind a secret. */
import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../support/until";
import { Weir } from "../support/weir";

const SECRET = "0123456789abcdef0123";
const ORIGIN = "https://dash.example.org";
const weir = new Weir(() => Promise.resolve({ WEIR_SECRET: SECRET, WEIR_CORS_ORIGINS: ORIGIN }));
const auth = { authorization: `Bearer ${SECRET}` };
const feed = "/api/v1/feeds/pipeline_events";

const call = (path: string, init: RequestInit = {}) =>
  fetch(weir.url(path), { ...init, headers: { ...auth, ...(init.headers as Record<string, string>) } });
const problem = async (response: Response) => {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  return (await response.json()) as Record<string, unknown>;
};

beforeAll(() => weir.start());
afterAll(() => weir.close());

test.each([
  ["GET", "/api/v1/feeds"],
  ["GET", feed],
  ["GET", `${feed}/rows`],
  ["GET", `${feed}/changes`],
  ["GET", `${feed}/live`],
  ["GET", `${feed}/timeline`],
  ["GET", `${feed}/history/a`],
  ["GET", `${feed}/dead-letters`],
  ["GET", `${feed}/dead-letters/a`],
  ["DELETE", `${feed}/dead-letters/a`],
  ["POST", `${feed}/dead-letters/a/replay`],
  ["POST", `${feed}/events`],
  ["GET", `${feed}/pins`],
  ["POST", `${feed}/pins`],
  ["DELETE", `${feed}/pins/20261121090000000`],
  ["POST", "/api/v1/pubsub/push/pipeline_events"],
  ["GET", "/api/v1/live"],
  ["GET", "/api/v1/views"],
  ["GET", "/api/v1/views/problems/rows"],
  ["GET", "/api/v1/views/problems/changes"],
  ["GET", "/api/v1/views/problems/live"],
  ["GET", "/api/v1/openapi.json"],
])("%s %s names a parameter that it does not know", async (method, path) => {
  const response = await call(`${path}?limti=1`, { method });
  expect(response.status).toBe(400);
  expect(await problem(response)).toMatchObject({ code: "bad-parameter", parameter: "limti" });
});

test("readiness needs no secret, and is told once every feed can be shown", async () => {
  await call(`${feed}/changes?since=0`);
  await until("readiness", async () => (await fetch(weir.url("/readyz"))).status === 200);
});

test("a request is sent back to nobody", async () => {
  const { port } = new URL(weir.address);
  const asked = request({ port, host: "127.0.0.1", method: "TRACE", path: "/" }).end();
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  response.resume();
  expect(response.statusCode).toBe(405);
  expect(weir.output).not.toContain("TypeError");
});

test("what is gone names the oldest that is kept, which is the nearest to it", async () => {
  const instant = await weir.publishTo("pipeline_events", [weir.event({ eventId: "kept" })], auth);
  const before = "20200101000000000";
  for (const path of [`${feed}/changes?since=${before}`, `/api/v1/views/problems/rows?at=${before}`]) {
    const response = await call(path);
    expect(response.status, path).toBe(410);
    expect(await problem(response), path).toMatchObject({ code: "gone", oldest: instant, nearest: instant });
  }
});

test("an address that is no text and a method that nothing answers are problems too", async () => {
  const broken = await call(`${feed}/history/%ff`);
  expect(broken.status).toBe(400);
  expect(await problem(broken)).toMatchObject({ code: "bad-parameter" });
  const unanswered = await call(`${feed}/rows`, { method: "PUT" });
  expect(unanswered.status).toBe(404);
  expect(await problem(unanswered)).toMatchObject({ code: "not-found" });
});

test("a browser on an allowed page asks for leave without the secret, and reads why it is refused", async () => {
  const asking = { origin: ORIGIN, "access-control-request-method": "GET" };
  const leave = await fetch(weir.url(`${feed}/rows`), { method: "OPTIONS", headers: asking });
  expect(leave.status).toBe(204);
  expect(leave.headers.get("access-control-allow-origin")).toBe(ORIGIN);
  expect(leave.headers.get("access-control-allow-headers")).toContain("Authorization");
  const refused = await fetch(weir.url(`${feed}/rows`), { headers: { origin: ORIGIN } });
  expect(refused.status).toBe(401);
  expect(refused.headers.get("access-control-allow-origin")).toBe(ORIGIN);
  const foreign = await fetch(weir.url(`${feed}/rows`), {
    method: "OPTIONS",
    headers: { ...asking, origin: "https://evil.example.org" },
  });
  expect(foreign.status).toBe(401);
  expect(foreign.headers.get("access-control-allow-origin")).toBeNull();
});

test("answers differ by origin and format, and behind a secret only their reader may keep them", async () => {
  const instant = await weir.publishTo("pipeline_events", [weir.event({ eventId: "a" })], auth);
  const response = await call(`${feed}/rows?at=${instant}`, { headers: { origin: ORIGIN } });
  expect(response.headers.get("cache-control")).toBe("private, max-age=31536000, immutable");
  const vary = response.headers.get("vary")!.toLowerCase().split(/, */);
  expect(vary).toEqual(expect.arrayContaining(["origin", "accept", "accept-encoding"]));
  const view = `/api/v1/views/problems/rows?at=${instant}`;
  const etag = (await call(view)).headers.get("etag")!;
  expect((await call(view, { headers: { "if-none-match": `W/${etag}` } })).status).toBe(304);
});

test("a problem carries no tag of the answer that it stands for", async () => {
  const gone = await call(`${feed}/rows?at=20200101000000000`);
  expect(gone.status).toBe(410);
  expect(gone.headers.get("etag")).toBeNull();
});
