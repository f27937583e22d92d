/** The way to the provider of single sign-on, on which anybody may send themselves. */
import { Registry } from "prom-client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Accounts } from "~/control/account/accounts";
import { cookieSecretOf } from "~/control/account/cookie-secret";
import { SYSTEM } from "~/control/actor";
import { verification } from "~/control/db/schema/accounts";
import { onEveryDatabase } from "../support/control";
import { CLIENT_ID, CLIENT_SECRET, TestProvider } from "../support/oidc-provider";
import { silentLog } from "../support/test-log";

const ORIGIN = "http://127.0.0.1:3000";
const CLIENT = { origin: ORIGIN, userAgent: "a browser" };
const provider = new TestProvider();

beforeAll(async () => {
  await provider.listen();
  provider.serve(`${ORIGIN}/api/auth/callback/oidc`, () => "viewer");
});
afterAll(() => provider.close());

onEveryDatabase((control) => {
  const accounts = () =>
    new Accounts({
      secret: cookieSecretOf("0123456789abcdef"),
      oidc: { issuer: provider.issuer, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, roleClaim: null },
      defaultRole: "viewer",
      ...{ log: silentLog, clock: { now: () => Date.now() }, metrics: new Registry() },
    });
  const nobody = () => control.as(SYSTEM);

  test("whoever sets out and never comes back leaves nothing in the database", async () => {
    const same = accounts();
    const begun = [];
    for (let n = 0; n < 5; n++) begun.push(await same.beginSingleSignOn(nobody(), "/", CLIENT));
    const states = begun.map((one) => new URL(one!.url).searchParams.get("state"));
    expect(new Set(states).size).toBe(5);
    expect(await control.db.select().from(verification)).toEqual([]);
  });

  test.each([
    ["an address of everyday", "/feeds/pipeline_events?status=FAILED"],
    ["the longest that is taken along", `/feeds/a?q=${"a".repeat(987)}`],
    ["a long query", `/feeds/pipeline_events?q=${"a".repeat(3_500)}`],
    ["a long path", `/feeds/${"a".repeat(3_500)}?q=1`],
  ])("the cookie that goes with %s is none that browsers drop", async (_what, back) => {
    const begun = await accounts().beginSingleSignOn(nobody(), back, CLIENT);
    const sizes = begun!.cookies.map(({ name, value }) => `__Secure-${name}=${value}; Path=/; HttpOnly`.length);
    expect(sizes.length).toBeGreaterThan(0);
    expect(Math.max(...sizes)).toBeLessThan(4_000);
  });

  test("whoever comes back without the cookie that they were given, or with another's, is not signed in", async () => {
    const same = accounts();
    const [own, others] = [
      (await same.beginSingleSignOn(nobody(), "/", CLIENT))!,
      (await same.beginSingleSignOn(nobody(), "/", CLIENT))!,
    ];
    const cookiesOf = ({ cookies }: typeof own) =>
      cookies.map(({ name, value }) => `${name}=${encodeURIComponent(value)}`).join("; ");
    const state = new URL(own.url).searchParams.get("state")!;
    for (const cookies of ["", cookiesOf(others), cookiesOf(own).slice(0, -4)]) {
      const ended = await same.endSingleSignOn(nobody(), { search: `?code=stolen&state=${state}`, cookies }, CLIENT);
      expect(ended.session).toBeNull();
      expect(ended.location).toContain("/sign-in?");
    }
  });
});
