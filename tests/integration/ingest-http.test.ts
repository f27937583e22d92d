/** The answers of the publishing calls over HTTP, from the built server. */
import { request } from "node:http";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { encodeContainer } from "../support/avro-container";
import { getJson, type FeedInfo } from "../support/api-client";
import { pipelineEvent } from "../support/pipeline-event";
import { until } from "../support/until";
import { runningWeir } from "../support/weir";

const MAX_BODY = 2 * 1024 * 1024;
const weir = runningWeir(() => Promise.resolve({ WEIR_MAX_BODY: String(MAX_BODY) }));
const EVENTS = "/api/v1/feeds/pipeline_events/events";
const LETTERS = "/api/v1/feeds/pipeline_events/dead-letters";
const now = Date.now();
const event = (eventId: string, more: object = {}) => ({ ...pipelineEvent({ eventId, eventTimestamp: now }), ...more });

interface Answer {
  status: number;
  headers: Headers;
  json: Record<string, unknown>;
}

async function send(path: string, body: Buffer | string, headers: Record<string, string>): Promise<Answer> {
  const response = await fetch(weir.url(path), { method: "POST", headers, body: body as BodyInit });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    json: (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>,
  };
}

const post = (body: unknown, headers: Record<string, string> = { "content-type": "application/json" }) =>
  send(EVENTS, Buffer.isBuffer(body) || typeof body === "string" ? body : JSON.stringify(body), headers);

test("events are acknowledged and then in the table, however they come", async () => {
  for (const [body, headers] of [
    [event("h-1"), { "content-type": "application/json" }],
    [gzipSync(JSON.stringify([event("h-2")])), { "content-type": "application/json", "content-encoding": "gzip" }],
    [`${JSON.stringify(event("h-3"))}\n`, { "content-type": "application/x-ndjson" }],
    [await encodeContainer([event("h-4")]), { "content-type": "application/avro" }],
  ] as const) {
    const answer = await post(body, headers);
    expect(answer).toMatchObject({ status: 202, json: { accepted: 1, rejected: [] } });
  }
  for (const id of ["h-1", "h-2", "h-3", "h-4"]) {
    await until(`${id} in the table`, async () => {
      const { rows } = await getJson<{ rows: { eventId: string }[] }>(
        weir.address,
        `/api/v1/feeds/pipeline_events/rows`,
      );
      return rows.some(({ eventId }) => eventId === id);
    });
  }
});

test.each<[string, Buffer | string, Record<string, string>, number, string]>([
  ["no JSON", "{", { "content-type": "application/json" }, 400, "bad-body"],
  ["nothing", "", { "content-type": "application/json" }, 400, "bad-body"],
  ["no Avro", "hello", { "content-type": "application/avro" }, 400, "bad-body"],
  ["a form", "a=b", { "content-type": "application/x-www-form-urlencoded" }, 415, "unsupported-type"],
  ["another charset", "{}", { "content-type": "application/json; charset=utf-16" }, 415, "unsupported-type"],
  ["another encoding", "{}", { "content-type": "application/json", "content-encoding": "br" }, 415, "unsupported-type"],
  [
    "a bomb",
    gzipSync(Buffer.alloc(MAX_BODY + 1)),
    { "content-type": "application/json", "content-encoding": "gzip" },
    413,
    "too-large",
  ],
  ["too much", Buffer.alloc(MAX_BODY + 1, 32), { "content-type": "application/json" }, 413, "too-large"],
  ["far too much", Buffer.alloc(12 * MAX_BODY, 32), { "content-type": "application/json" }, 413, "too-large"],
  ["nothing acceptable", "{}", { "content-type": "application/json" }, 422, "nothing-acceptable"],
])("%s is answered by a problem that says what to do", async (_what, body, headers, status, code) => {
  const answer = await post(body, headers);
  expect(answer.status).toBe(status);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(answer.json).toMatchObject({
    type: `urn:weir:${code}`,
    status,
    code,
    detail: expect.stringMatching(/\w+ .*[.;]/) as string,
  });
  // The connection is good for the next request, and nothing was stored.
  expect((await post(event("h-1"))).status).toBe(202);
  expect((await getJson<FeedInfo>(weir.address, "/api/v1/feeds/pipeline_events")).deadLetters).toBe(0);
});

test("an unknown feed, an unknown parameter and another method are named", async () => {
  expect(await send("/api/v1/feeds/nope/events", "{}", {})).toMatchObject({
    status: 404,
    json: { code: "unknown-feed" },
  });
  expect(await send(`${EVENTS}?dry=1`, "{}", {})).toMatchObject({
    status: 400,
    json: { code: "bad-parameter", parameter: "dry" },
  });
});

test("a publisher that goes away in the middle of its body leaves nothing behind", async () => {
  const { port } = new URL(weir.address);
  const before = await getJson<FeedInfo>(weir.address, "/api/v1/feeds/pipeline_events");
  await new Promise<void>((resolve) => {
    const half = request({
      port,
      host: "127.0.0.1",
      path: EVENTS,
      method: "POST",
      headers: { "content-type": "application/json", "content-length": 1_000 },
    });
    half.on("error", () => resolve());
    half.write(JSON.stringify(event("half")), () => half.destroy());
    half.on("close", () => resolve());
  });
  expect((await post(event("h-1"))).status).toBe(202);
  const after = await until("nothing to be staged", async () => {
    const info = await getJson<FeedInfo>(weir.address, "/api/v1/feeds/pipeline_events");
    return info.staged.events === 0 && info;
  });
  expect(after.rows).toBe(before.rows);
});

test("a dead letter is listed, given back byte for byte as a file, refused on replay while it is bad, and deleted", async () => {
  const bad = '{ "eventId": "<script>alert(1)</script>", "status": "DONE" }';
  const { json } = await post(`[${JSON.stringify(event("beside"))},${bad}]`);
  const { rejected } = json as { rejected: { index: number; field: string; reason: string; deadLetter: string }[] };
  expect(rejected).toEqual([
    { index: 1, field: "correlationId", reason: "is missing", deadLetter: expect.any(String) as string },
  ]);
  const id = rejected[0]!.deadLetter;

  const list = await getJson<{ deadLetters: object[]; next: null }>(weir.address, LETTERS);
  expect(list).toEqual({
    deadLetters: [
      {
        id,
        at: expect.any(Number) as number,
        source: "http",
        field: "correlationId",
        reason: "is missing",
        bytes: bad.length,
      },
    ],
    next: null,
  });

  const raw = await fetch(weir.url(`${LETTERS}/${id}`));
  expect(await raw.text()).toBe(bad);
  expect(Object.fromEntries(raw.headers)).toMatchObject({
    "content-type": "application/octet-stream",
    "content-disposition": `attachment; filename="${id}.json"`,
    "x-content-type-options": "nosniff",
  });

  expect(await send(`${LETTERS}/${id}/replay`, "", {})).toMatchObject({
    status: 422,
    json: { code: "nothing-acceptable" },
  });
  expect((await fetch(weir.url(`${LETTERS}/${id}`), { method: "DELETE" })).status).toBe(204);
  expect((await fetch(weir.url(`${LETTERS}/${id}`))).status).toBe(404);
  expect(await getJson(weir.address, LETTERS)).toEqual({ deadLetters: [], next: null });
});

test("parameters of the list are checked", async () => {
  for (const query of ["limit=0", "limit=x", "limit=1001", "after=..", "before=1"]) {
    const response = await fetch(weir.url(`${LETTERS}?${query}`));
    expect(response.status, query).toBe(400);
    expect(await response.json()).toMatchObject({ code: "bad-parameter", parameter: query.split("=")[0] });
  }
});

test("a push delivery is acknowledged by 204, also when its message is a dead letter, and is no delivery by 400", async () => {
  const PUSH = "/api/v1/pubsub/push/pipeline_events";
  const headers = { "content-type": "application/json" };
  const delivery = (data: string, messageId: string) =>
    JSON.stringify({ message: { data: Buffer.from(data).toString("base64"), messageId }, subscription: "s" });
  expect((await send(`${PUSH}?token=t`, delivery(JSON.stringify(event("pushed")), "1"), headers)).status).toBe(204);
  expect((await send(PUSH, delivery("nonsense", "2"), headers)).status).toBe(204);
  expect((await send(PUSH, "{}", headers)).status).toBe(400);
  const { deadLetters } = await getJson<{ deadLetters: { source: string }[] }>(weir.address, LETTERS);
  expect(deadLetters.map(({ source }) => source)).toEqual(["pubsub 2"]);
});
