/** Pushes that Pub/Sub signs, charged to the token that the subscription's address names. */
import { createSign, generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Registry } from "prom-client";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { createToken } from "~/control/token/create-token";
import { getToken } from "~/control/token/get-token";
import { revokeToken } from "~/control/token/revoke-token";
import { Tokens } from "~/control/token/tokens";
import { pushTokenCheck } from "~/ingest/pubsub/push-token";
import { AppError } from "~/model/app-error";
import { takePush } from "~/web/push-call";
import { NOW, onEveryDatabase, person, type ControlFixture } from "../support/control";
import { pipelineEvent } from "../support/pipeline-event";
import { temporaryFolder } from "../support/temporary-folder";
import { bodyOf, openTestIngest } from "../support/test-ingest";
import { silentLog } from "../support/test-log";

const FEED = "pipeline_events";
const AUDIENCE = "https://weir.example.org";
const EMAIL = "push@acme.iam.gserviceaccount.com";
const admin = person("admin");

const google = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const certificates = createServer((_request, response) => {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({ k1: google.publicKey.export({ type: "spki", format: "pem" }) }));
});
beforeAll(() => new Promise<void>((resolve) => certificates.listen(0, "127.0.0.1", resolve)));
afterAll(() => new Promise((resolve) => certificates.close(resolve)));

function signed(audience = AUDIENCE, email = EMAIL): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const now = Math.floor(Date.now() / 1_000);
  const life = { iat: now, exp: now + 3_600 };
  const claims = { iss: "https://accounts.google.com", aud: audience, email, email_verified: true, ...life };
  const text = `${part({ alg: "RS256", kid: "k1", typ: "JWT" })}.${part(claims)}`;
  return `Bearer ${text}.${createSign("RSA-SHA256").update(text).sign(google.privateKey, "base64url")}`;
}

/** A server that takes signed pushes, of this service account; `given` may be changed. */
async function receiver(control: ControlFixture, email: string | null = EMAIL) {
  const given = { now: NOW, isAway: false };
  const away = () => new AppError("control-unavailable", "away", { retryAfterMs: 1 });
  const database = () => (given.isAway ? Promise.reject(away()) : Promise.resolve(control.db));
  const tokens = new Tokens({
    control: { ...control.as(admin).control, database },
    rights: control.rights,
    clock: { now: () => given.now },
    log: silentLog,
    metrics: new Registry(),
    patienceMs: 0,
  });
  onTestFinished(() => tokens.close());
  const { ingest, rows } = await openTestIngest({ folder: await temporaryFolder(), now: () => NOW });
  const { port } = certificates.address() as AddressInfo;
  const config = { pubsub: { push: { audience: AUDIENCE, email } } };
  const checkPush = pushTokenCheck(config.pubsub.push, { certificatesUrl: `http://127.0.0.1:${port}/certs` });
  let sent = 0;
  /** @param events ids, all in one message; one that is empty is an event that cannot be taken */
  const push = async (charge: string | null, events: readonly string[], authorization = signed()) => {
    sent += 1;
    const data = JSON.stringify(
      events.map((eventId) => pipelineEvent({ eventId, eventTimestamp: eventId === "" ? 1 : NOW - 1_000 })),
    );
    const message = { data: Buffer.from(data).toString("base64"), messageId: String(sent) };
    const incoming = bodyOf({ message, subscription: "projects/p/subscriptions/s" }, "application/json");
    await takePush({ checkPush, ingest, tokens, config }, { feed: FEED, actor: null, authorization, charge, incoming });
  };
  return { push, tokens, given, ids: async () => (await rows()).map(({ eventId }) => eventId).sort() };
}

onEveryDatabase((control) => {
  const newToken = (limits: object = {}) =>
    createToken(control.as(admin), { name: "subscription", write: [FEED], ...limits });

  test("events count against the day of the token, and what is beyond stays with Pub/Sub and is not lost (invariant 1)", async () => {
    const { push, given, tokens, ids } = await receiver(control);
    const { id } = await newToken({ eventsPerDay: 3 });
    await push(id, ["a", "b"]);
    await push(id, ["c", "d"]);
    const refused = await push(id, ["e"]).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "rate-limited", details: { retryAfterMs: expect.any(Number) as number } });
    expect(await ids()).toEqual(["a", "b", "c", "d"]);
    await tokens.writeUsage();
    expect(await getToken(control.as(admin), id)).toMatchObject({ lastUsedAt: NOW, today: { requests: 2, events: 4 } });
    given.now += 86_400_000;
    await push(id, ["e"]);
    expect(await ids()).toEqual(["a", "b", "c", "d", "e"]);
  });

  test("requests are held to the rate of the token, and dead letters count as events", async () => {
    const { push, given, tokens } = await receiver(control);
    const { id } = await newToken({ requestsPerSecond: 1 });
    await push(id, ["", "good"]);
    await expect(push(id, ["x"])).rejects.toMatchObject({ code: "rate-limited", details: { retryAfterMs: 1_000 } });
    given.now += 1_000;
    await push(id, ["x"]);
    await tokens.writeUsage();
    expect(await getToken(control.as(admin), id)).toMatchObject({ today: { requests: 2, events: 3 } });
  });

  test("without a token in the address, pushes are held to the bounds of the server alone", async () => {
    const { push, ids } = await receiver(control);
    for (const event of ["a", "b", "c"]) await push(null, [event]);
    expect(await ids()).toEqual(["a", "b", "c"]);
  });

  test("the name of a token is no way in: who is not signed in by Pub/Sub is refused before it is looked at", async () => {
    const { push, tokens } = await receiver(control);
    const { id } = await newToken();
    await expect(push(id, ["a"], "Bearer nonsense")).rejects.toMatchObject({ code: "unauthorized" });
    await expect(push(id, ["a"], signed("https://other.example"))).rejects.toMatchObject({ code: "unauthorized" });
    await tokens.writeUsage();
    expect(await getToken(control.as(admin), id)).toMatchObject({ lastUsedAt: null });
  });

  test("where any account of Google's may push, none of them uses up a token by its id", async () => {
    const { push, tokens, ids } = await receiver(control, null);
    const { id } = await newToken({ eventsPerDay: 3 });
    await expect(push(id, ["a"], signed(AUDIENCE, "stranger@example.org"))).rejects.toMatchObject({
      code: "bad-parameter",
      message: expect.stringContaining("WEIR_PUBSUB_PUSH_EMAIL") as string,
      details: { parameter: "charge" },
    });
    await push(null, ["b"]);
    expect(await ids()).toEqual(["b"]);
    await tokens.writeUsage();
    expect(await getToken(control.as(admin), id)).toMatchObject({ lastUsedAt: null });
  });

  test("a token that is not there, has ended, or may not write the feed refuses with the reason", async () => {
    const { push, ids } = await receiver(control);
    const [other, ended] = [await newToken({ write: [], read: [FEED] }), await newToken()];
    await revokeToken(control.as(admin), ended.id);
    for (const id of ["0".repeat(32), "orders", ended.token, ""])
      await expect(push(id, ["a"])).rejects.toMatchObject({ code: "bad-parameter", details: { parameter: "charge" } });
    await expect(push(ended.id, ["a"])).rejects.toMatchObject({ code: "unauthorized" });
    await expect(push(other.id, ["a"])).rejects.toMatchObject({ code: "forbidden" });
    expect(await ids()).toEqual([]);
  });

  test("while the database is away, a token that was seen goes on and another is to be delivered again", async () => {
    const { push, given, ids } = await receiver(control);
    const [seen, unseen] = [await newToken(), await newToken()];
    await push(seen.id, ["a"]);
    given.isAway = true;
    given.now += 60_000;
    await push(seen.id, ["b"]);
    await expect(push(unseen.id, ["c"])).rejects.toMatchObject({ code: "control-unavailable" });
    expect(await ids()).toEqual(["a", "b"]);
  });
});
