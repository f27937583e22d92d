/** People for whom a proxy vouches: its signature, and only that. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { disableUser } from "~/control/account/disable-user";
import { ProxyIdentity } from "~/control/account/proxy-identity";
import { Sessions } from "~/control/account/sessions";
import { SYSTEM } from "~/control/actor";
import { onEveryDatabase, person } from "../support/control";
import { silentLog } from "../support/test-log";

const keys = await generateKeyPair("ES256");
const stranger = await generateKeyPair("ES256");
const server = createServer();
const clock = { now: () => Date.now() };

beforeAll(async () => {
  const body = JSON.stringify({ keys: [{ ...(await exportJWK(keys.publicKey)), kid: "one", alg: "ES256" }] });
  server.on("request", (_request, response) => response.setHeader("content-type", "application/json").end(body));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const token = (given: { sub?: string; audience?: string; issuer?: string; email?: string; expires?: string } = {}) =>
  new SignJWT({ email: given.email ?? "pia@example.org", name: "Pia" })
    .setProtectedHeader({ alg: "ES256", kid: "one" })
    .setSubject(given.sub ?? "accounts:1")
    .setAudience(given.audience ?? "/projects/1/weir")
    .setIssuer(given.issuer ?? "https://proxy.example")
    .setExpirationTime(given.expires ?? "5m");

onEveryDatabase((control) => {
  test("whoever it signs for gets an account once; what it did not sign for this server is nobody's", async () => {
    const ctx = control.as(SYSTEM, { clock });
    const sessions = new Sessions({ ...ctx, rights: control.rights, secret: "unused" });
    const proxy = new ProxyIdentity({
      header: "x-proxy-jwt",
      jwksUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`,
      audience: "/projects/1/weir",
      issuer: "https://proxy.example",
      defaultRole: "viewer",
      sessions,
      log: silentLog,
    });
    const sign = (given = {}) => token(given).sign(keys.privateKey);
    const [one, same] = await Promise.all([proxy.actorOf(ctx, await sign()), proxy.actorOf(ctx, await sign())]);
    expect(one).toMatchObject({ kind: "user", name: "Pia", role: "viewer", feeds: { read: "all", write: [] } });
    expect(same).toEqual(one);
    for (const refused of [
      await sign({ audience: "/projects/2/other" }),
      await sign({ issuer: "https://evil.example" }),
      await sign({ expires: "-5m" }),
      await sign({ sub: "accounts:2", email: "no address" }),
      await token().sign(stranger.privateKey),
      "nonsense",
      "",
    ])
      expect(await proxy.actorOf(ctx, refused)).toBeNull();
    await disableUser(control.as(person("admin")), one!.id, { disabled: true });
    expect(await proxy.actorOf(ctx, await sign())).toBeNull();
  });
});
