/** Real tokens, signed here, against a server of certificates of the test's own. */
import { createServer } from "node:http";
import { createSign, generateKeyPairSync, type KeyObject } from "node:crypto";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { pushTokenCheck, type CheckPushToken, type PushTokenRules } from "./push-token";

const AUDIENCE = "https://weir.example.org";
const EMAIL = "push@weir.iam.gserviceaccount.com";
const google = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const stranger = generateKeyPairSync("rsa", { modulusLength: 2_048 });

const certificates = createServer((_request, response) => {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({ k1: google.publicKey.export({ type: "spki", format: "pem" }) }));
});
let certificatesUrl = "";

beforeAll(async () => {
  await new Promise<void>((resolve) => certificates.listen(0, "127.0.0.1", resolve));
  certificatesUrl = `http://127.0.0.1:${(certificates.address() as AddressInfo).port}/certs`;
});
afterAll(() => new Promise((resolve) => certificates.close(resolve)));

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

function token(claims: object = {}, key: KeyObject = google.privateKey, header: object = {}): string {
  const now = Math.floor(Date.now() / 1_000);
  const all = { iss: "https://accounts.google.com", aud: AUDIENCE, email: EMAIL, email_verified: true, iat: now };
  const signed = `${part({ alg: "RS256", kid: "k1", typ: "JWT", ...header })}.${part({ ...all, exp: now + 3_600, ...claims })}`;
  return `Bearer ${signed}.${createSign("RSA-SHA256").update(signed).sign(key, "base64url")}`;
}

const check = (rules: Partial<PushTokenRules> = {}): CheckPushToken =>
  pushTokenCheck({ audience: AUDIENCE, email: EMAIL, ...rules }, { certificatesUrl });

test("a token of Google's for this audience and account may push", async () => {
  await check()(token());
  await check({ email: null })(token({ email: "somebody@else.example" }));
});

describe("a push is refused", () => {
  const past = Math.floor(Date.now() / 1_000) - 90_000;
  test.each<[string, () => string | null, RegExp]>([
    ["without a token", () => null, /carries a token/],
    ["with another scheme", () => "Basic YTpi", /carries a token/],
    ["with nonsense", () => "Bearer nonsense", /not good \(Wrong number of segments/],
    ["with half a token", () => `Bearer ${"e30.e30.x"}`, /not good/],
    ["signed by a stranger", () => token({}, stranger.privateKey), /Invalid token signature/],
    ["with a key that Google does not have", () => token({}, google.privateKey, { kid: "k2" }), /No pem found/],
    ["unsigned", () => token({}, google.privateKey, { alg: "none" }).replace(/[^.]*$/, ""), /not good/],
    ["for another audience", () => token({ aud: "https://other.example" }), /Wrong recipient/],
    ["of another issuer", () => token({ iss: "https://issuer.example" }), /Invalid issuer/],
    ["of yesterday", () => token({ iat: past, exp: past + 3_600 }), /too late/],
    ["that is good for a year", () => token({ exp: past + 365 * 86_400 }), /too far in future/],
    [
      "of another account",
      () => token({ email: "other@weir.iam.gserviceaccount.com" }),
      /not for WEIR_PUBSUB_PUSH_EMAIL/,
    ],
    ["of an address that was not verified", () => token({ email_verified: false }), /not for WEIR_PUBSUB_PUSH_EMAIL/],
  ])("%s", async (_what, authorization, reason) => {
    const refused = await check()(authorization()).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "unauthorized", message: expect.stringMatching(reason) as string });
    expect((refused as Error).message).not.toMatch(/ey[A-Za-z0-9]{20}/);
  });
});

test("while the certificates cannot be had, a push is to be delivered again", async () => {
  const gone = pushTokenCheck(
    { audience: AUDIENCE, email: null },
    { certificatesUrl: certificatesUrl.replace(/:\d+/, ":1") },
  );
  await expect(gone(token())).rejects.toMatchObject({ code: "engine-unavailable" });
});
