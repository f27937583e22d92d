/** Tokens of machines through the whole program: what each may, what it is held to, and streams that end with its rights. */
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { openSse, type SseStream } from "../support/sse";
import { runningWeir } from "../support/weir";

const SECRET = "0123456789abcdef0123";
const FEED = "pipeline_events";
const EVENTS = `/api/v1/feeds/${FEED}/events`;
const weir = runningWeir(() => Promise.resolve({ WEIR_SECRET: SECRET }));
const streams: SseStream[] = [];

interface Made {
  id: string;
  token: string;
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

function call(method: string, path: string, token: string, body?: unknown): Promise<Response> {
  const given = body === undefined ? {} : { body: JSON.stringify(body) };
  const type = body === undefined ? {} : { "content-type": "application/json" };
  return fetch(weir.url(path), { method, redirect: "manual", headers: { ...bearer(token), ...type }, ...given });
}

async function make(scopes: object): Promise<Made> {
  const response = await call("POST", "/api/v1/tokens", SECRET, { name: "robot", ...scopes });
  expect(response.status).toBe(201);
  expect(response.headers.get("cache-control")).toBe("no-store");
  return (await response.json()) as Made;
}

const statusOf = async (method: string, path: string, token: string, body?: unknown) =>
  (await call(method, path, token, body)).status;

const send = (token: string, n = 1) =>
  call(
    "POST",
    EVENTS,
    token,
    Array.from({ length: n }, (_, i) => weir.event({ eventId: `e${i}` })),
  );

async function follow(path: string, token: string): Promise<SseStream> {
  const opened = await openSse(weir.url(path), bearer(token));
  streams.push(opened);
  await opened.until(({ event }) => event === "hello");
  return opened;
}

beforeAll(() => weir.untilControl());

afterEach(() => {
  for (const opened of streams.splice(0)) opened.close();
});

describe("a token", () => {
  test("that may write one feed writes it, and nothing else", async () => {
    const { token } = await make({ write: [FEED] });
    expect((await send(token)).status).toBe(202);
    for (const path of [`/feeds/${FEED}`, `/api/v1/feeds/${FEED}`, `/api/v1/feeds/${FEED}/rows`, "/api/v1/feeds/other"])
      expect(await statusOf("GET", path, token), path).toBe(404);
    expect(await statusOf("GET", "/api/v1/views/problems/rows", token)).toBe(404);
    expect(await statusOf("GET", `/api/v1/live?topics=feeds/${FEED}`, token)).toBe(404);
    for (const path of ["/", "/metrics", "/api/v1/feeds", "/api/v1/views", "/api/v1/openapi.json", "/api/v1/tokens"])
      expect(await statusOf("GET", path, token), path).toBe(403);
    expect(await statusOf("POST", "/api/v1/feeds/other/events", token, [])).toBe(404);
    expect(await statusOf("DELETE", `/api/v1/feeds/${FEED}/dead-letters/x`, token)).toBe(403);
  });

  test("does not get past its scopes by another way to write an address", async () => {
    const { token } = await make({ write: [FEED] });
    for (const path of [
      `/api/v1/feeds/%70ipeline_events/rows`,
      `/api/v1//feeds/${FEED}/rows`,
      `//api/v1/feeds/${FEED}/rows`,
      `/api/v1/./feeds/${FEED}/rows`,
      `/api/v1/x/../feeds/${FEED}/rows`,
      `/api/v1/feeds/${FEED}/rows/`,
      `/api/v1/feeds/${FEED}/rows/q-data.json`,
      `/feeds/${FEED}/q-data.json`,
      `/feeds/${FEED}/`,
      `/API/v1/feeds/${FEED}/rows`,
      `/api/v1/live?topics=views/problems`,
      `/api/v1/live?topics=%66eeds/${FEED}`,
    ])
      expect([301, 302, 303, 308, 400, 403, 404], path).toContain(await statusOf("GET", path, token));
  });

  test("that may read one feed reads it, and changes nothing", async () => {
    const { token } = await make({ read: [FEED] });
    expect(await statusOf("GET", `/api/v1/feeds/${FEED}/rows`, token)).toBe(200);
    expect(await statusOf("GET", `/feeds/${FEED}`, token)).toBe(200);
    expect(await (await call("GET", "/api/v1/feeds", token)).json()).toMatchObject({ feeds: [{ feed: FEED }] });
    expect((await send(token)).status).toBe(403);
    expect(await statusOf("POST", "/api/v1/saved-views", token, { name: "a", path: "/" })).toBe(403);
    expect(await statusOf("POST", `/api/v1/feeds/${FEED}/pins`, token, { at: "now" })).toBe(403);
    for (const path of ["/api/v1/tokens", "/api/v1/audit"]) expect(await statusOf("GET", path, token)).toBe(403);
  });

  test("reads metrics, which name every feed, only if it may read every feed", async () => {
    const some = await make({ read: [FEED] });
    const refused = await call("GET", "/metrics", some.token);
    expect(refused.status).toBe(403);
    const text = await refused.text();
    expect(text).toContain('may read \\"all\\"');
    expect(text).not.toContain("weir_");
    const all = await make({ read: "all" });
    const told = await call("GET", "/metrics", all.token);
    expect(told.status).toBe(200);
    expect(await told.text()).toContain(`feed="${FEED}"`);
    expect(await statusOf("GET", "/metrics", (await make({ write: "all" })).token)).toBe(403);
  });

  test("is refused the same with a slash at the end of the address, or sent to the one without", async () => {
    const { token } = await make({ read: [FEED] });
    const live = "/api/v1/live?topics=feeds/pipeline_hours";
    for (const path of ["/metrics", "/api/v1/audit", "/api/v1/feeds/pipeline_hours", live]) {
      const refused = await statusOf("GET", path, token);
      expect([path, [403, 404].includes(refused)]).toEqual([path, true]);
      const slashed = await call("GET", path.replace(/(?=\?|$)/, "/"), token);
      const leadsTo = slashed.headers.get("location");
      expect([path, leadsTo ?? slashed.status]).toEqual([path, leadsTo === null ? refused : path]);
    }
  });

  test("of an admin makes others", async () => {
    const { token } = await make({ admin: true });
    const made = await call("POST", "/api/v1/tokens", token, { name: "next", write: "all" });
    const { id } = (await made.json()) as Made;
    expect(await statusOf("DELETE", `/api/v1/tokens/${id}`, token)).toBe(204);
    const log = await call("GET", `/api/v1/audit?entityId=${id}`, token);
    expect(await log.json()).toMatchObject({
      entries: [{ action: "token.revoke" }, { action: "token.create", actor: { kind: "token", name: "robot" } }],
    });
  });

  test("that has expired, was revoked or is another's word is 401, with a sentence", async () => {
    const brief = await make({ write: [FEED] });
    expect((await send(brief.token)).status).toBe(202);
    await call("DELETE", `/api/v1/tokens/${brief.id}`, SECRET);
    const refused = await send(brief.token);
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ code: "unauthorized", detail: expect.stringContaining("revoked") });
    expect((await send(`weir_${"0".repeat(32)}_${"A".repeat(43)}`)).status).toBe(401);
    expect((await send(`${brief.token}x`)).status).toBe(401);
  });

  test("is held to its rate and its quota, with the time to come back", async () => {
    const slow = await make({ write: [FEED], requestsPerSecond: 1 });
    const answers = await Promise.all([send(slow.token), send(slow.token), send(slow.token)]);
    const refused = answers.find(({ status }) => status === 429)!;
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    const problem = (await refused.json()) as { code: string; retryAfterMs: number };
    expect(problem.code).toBe("rate-limited");
    expect(problem.retryAfterMs).toBeGreaterThan(0);
    const small = await make({ write: [FEED], eventsPerDay: 3 });
    expect((await send(small.token, 3)).status).toBe(202);
    const over = await send(small.token);
    expect(over.status).toBe(429);
    expect(((await over.json()) as { detail: string }).detail).toContain("on a day");
  });

  test("that pushes as Pub/Sub does is held to them too, and what is refused is to be delivered again", async () => {
    const { token } = await make({ write: [FEED], eventsPerDay: 3 });
    const push = (path: string, ...ids: string[]) => {
      const data = Buffer.from(JSON.stringify(ids.map((eventId) => weir.event({ eventId })))).toString("base64");
      return call("POST", path, token, { message: { data, messageId: ids.join() } });
    };
    const PUSH = `/api/v1/pubsub/push/${FEED}`;
    expect((await push(PUSH, "p1", "p2")).status).toBe(204);
    expect((await push(PUSH, "p3")).status).toBe(204);
    const over = await push(PUSH, "p4");
    expect(over.status).toBe(429);
    expect(Number(over.headers.get("retry-after"))).toBeGreaterThan(0);
    const other = await make({ write: [FEED] });
    const charged = await call("POST", `${PUSH}?charge=${other.id}`, other.token, {});
    expect(charged.status).toBe(400);
    expect(await charged.json()).toMatchObject({ code: "bad-parameter", parameter: "charge" });
  });
});

describe("a stream", () => {
  test("ends with bye access when its token is revoked, and its client is not let in again", async () => {
    const { id, token } = await make({ read: "all" });
    const stream = await follow(`/api/v1/feeds/${FEED}/live`, token);
    await call("DELETE", `/api/v1/tokens/${id}`, SECRET);
    expect((await stream.until(({ event }) => event === "bye")).data).toMatchObject({ reason: "access" });
    await stream.ended;
    expect(await statusOf("GET", `/api/v1/feeds/${FEED}/live`, token)).toBe(401);
  });

  test("ends with reset access for the topic of a feed that may no longer be read", async () => {
    const { id, token } = await make({ read: [FEED], write: [FEED] });
    const stream = await follow(`/api/v1/live?topics=views/problems,feeds/${FEED}`, token);
    await call("PATCH", `/api/v1/tokens/${id}`, SECRET, { read: [] });
    const last = await stream.until(({ event }) => event === "reset");
    expect(last).toMatchObject({ id: "", data: { topic: "views/problems", reason: "access" } });
    await stream.ended;
    expect((await send(token)).status).toBe(202);
  });

  test("ends when its token expires", async () => {
    const { token } = await make({ read: [FEED], expiresAt: Date.now() + 3_000 });
    const stream = await follow(`/api/v1/feeds/${FEED}/live`, token);
    expect((await stream.until(({ event }) => event === "bye")).data).toMatchObject({ reason: "access" });
  });

  test("of somebody else goes on", async () => {
    const kept = await make({ read: [FEED] });
    const lost = await make({ read: [FEED] });
    const stream = await follow(`/api/v1/feeds/${FEED}/live`, kept.token);
    await call("DELETE", `/api/v1/tokens/${lost.id}`, SECRET);
    await weir.publishTo(FEED, [weir.event({ eventId: "after" })], bearer(SECRET));
    await stream.until(({ event }) => event === "delta");
    expect(stream.events.map(({ event }) => event)).not.toContain("bye");
  });
});

describe("the settings page", () => {
  const form = (fields: string, token = SECRET) =>
    fetch(weir.url("/settings/tokens"), {
      method: "POST",
      redirect: "manual",
      headers: { ...bearer(token), "content-type": "application/x-www-form-urlencoded", accept: "text/html" },
      body: fields,
    });

  test("shows the text of a new token on its answer, once, and revokes it", async () => {
    const answer = await form(`do=create&name=%3Cb%3Epage&write=${FEED}&days=30&requestsPerSecond=50`);
    expect(answer.status).toBe(200);
    const token = /weir_[0-9a-f]{32}_[\w-]{43}/.exec(await answer.text())![0];
    expect((await send(token)).status).toBe(202);
    const page = await (await call("GET", "/settings/tokens", SECRET)).text();
    expect(page).not.toContain(token);
    expect(page).not.toContain("<b>page");
    const id = token.slice("weir_".length, "weir_".length + 32);
    expect((await form(`do=revoke&id=${id}`)).status).toBe(303);
    expect((await send(token)).status).toBe(401);
    const log = await (await call("GET", `/settings/audit?entityId=${id}`, SECRET)).text();
    expect(log).toContain("token.revoke");
    expect(log).toContain("revokedAt");
  });

  test("says what is wrong with a form, and is for admins", async () => {
    expect((await form("do=create&name=&write=all")).status).toBe(400);
    const { token } = await make({ read: "all" });
    for (const path of ["/settings/tokens", "/settings/audit"]) expect(await statusOf("GET", path, token)).toBe(403);
    expect((await form("do=create&name=x&admin=on", token)).status).toBe(403);
  });
});

describe("the audit log", () => {
  test("is taken along as NDJSON and as CSV that no spreadsheet runs", async () => {
    const { id } = await make({ name: '=HYPERLINK("http://evil.example")', write: [FEED] });
    const ndjson = await call("GET", `/api/v1/audit?entityId=${id}&format=ndjson`, SECRET);
    expect(ndjson.headers.get("content-type")).toContain("application/x-ndjson");
    const entry = JSON.parse((await ndjson.text()).trim()) as { after: { name: string }; ip: string };
    expect(entry.after.name).toContain("=HYPERLINK");
    expect(entry.ip).toContain("127.0.0.1");
    const csv = await call("GET", `/api/v1/audit?entityId=${id}&format=csv`, SECRET);
    expect(csv.headers.get("content-disposition")).toBe('attachment; filename="audit.csv"');
    const [head, row] = (await csv.text()).split("\r\n");
    expect(head).toBe("id,at,actorKind,actorId,actorName,action,entity,entityId,ip,requestId,before,after");
    expect(row).toContain("token.create");
  });

  test("refuses what it does not know", async () => {
    expect(await statusOf("GET", "/api/v1/audit?limti=1", SECRET)).toBe(400);
    expect(await statusOf("GET", "/api/v1/audit?limit=0", SECRET)).toBe(400);
    expect(await statusOf("GET", "/api/v1/audit?format=csv&after=1_1", SECRET)).toBe(400);
  });
});
