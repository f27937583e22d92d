/** Tokens of machines: who may make them, what they make of their holder, and how long after something changed. */
import { Registry } from "prom-client";
import { describe, expect, onTestFinished, test } from "vitest";
import { eq } from "drizzle-orm";
import { auditLog } from "~/control/db/schema/audit-log";
import { token } from "~/control/db/schema/token";
import { RightsChanges } from "~/control/rights";
import { createToken } from "~/control/token/create-token";
import { getToken } from "~/control/token/get-token";
import { listTokens } from "~/control/token/list-tokens";
import { revokeToken } from "~/control/token/revoke-token";
import { FRESH_MS, GRACE_MS, STALE_MS, Tokens } from "~/control/token/tokens";
import { updateToken } from "~/control/token/update-token";
import { AppError } from "~/model/app-error";
import { NOW, onEveryDatabase, person, type ControlFixture } from "../support/control";
import { silentLog } from "../support/test-log";
import { until } from "../support/until";

const FEED = "pipeline_events";
const WRITER = { name: "loader", write: [FEED] };
const admin = person("admin");

/** What another process, or this one, knows of tokens; `time` and `reach` may be changed. */
function tokensOf(control: ControlFixture, rights = control.rights) {
  const given = { now: NOW, isAway: false, asked: 0 };
  const database = () => {
    given.asked += 1;
    return given.isAway
      ? Promise.reject(new AppError("control-unavailable", "away", { retryAfterMs: 1 }))
      : Promise.resolve(control.db);
  };
  const tokens = new Tokens({
    control: { ...control.as(admin).control, database },
    rights,
    clock: { now: () => given.now },
    log: silentLog,
    metrics: new Registry(),
    patienceMs: 0,
  });
  onTestFinished(() => tokens.close());
  return { tokens, given };
}

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    return `answered ${JSON.stringify(await work)}`;
  } catch (error) {
    return (error as AppError).code;
  }
};

onEveryDatabase((control) => {
  describe("making one", () => {
    test("tells its text once, keeps a hash of it, and is in the audit log without either", async () => {
      const made = await createToken(control.as(admin), WRITER);
      expect(made).toMatchObject({ name: "loader", state: "active", read: [], write: [FEED], admin: false });
      expect(made.expiresAt).toBe(NOW + 365 * 86_400_000);
      const [, id, secret] = /^weir_([0-9a-f]{32})_([\w-]{43})$/.exec(made.token)!;
      expect(id).toBe(made.id);
      const [row] = await control.db.select().from(token).where(eq(token.id, made.id));
      expect(JSON.stringify([row, await getToken(control.as(admin), made.id)])).not.toContain(secret);
      const entry = await control.lastAudit("token", made.id);
      expect(entry).toMatchObject({ action: "token.create", before: null, after: { name: "loader", write: [FEED] } });
      for (const kept of [secret!, row!.secretHash]) expect(JSON.stringify(entry)).not.toContain(kept);
    });

    test.each(["viewer", "operator"] as const)("is not for a %s, nor is anything else about tokens", async (role) => {
      const ctx = control.as(person(role));
      const { id } = await createToken(control.as(admin), WRITER);
      const verbs = [
        createToken(ctx, WRITER),
        listTokens(ctx),
        getToken(ctx, id),
        updateToken(ctx, id, { name: "mine" }),
        revokeToken(ctx, id),
      ];
      for (const verb of verbs) expect(await codeOf(verb)).toBe("forbidden");
    });

    test.each([
      ["no name", { write: [FEED] }, "bad-parameter"],
      ["nothing that it is good for", { name: "a" }, "bad-parameter"],
      ["a feed that does not exist", { name: "a", write: ["nope"] }, "unknown-feed"],
      ["feeds that are no list", { name: "a", read: "some" }, "bad-parameter"],
      ["an end that has passed", { ...WRITER, expiresAt: NOW }, "bad-parameter"],
      ["an end in a far century", { ...WRITER, expiresAt: 9e14 }, "bad-parameter"],
      ["a bound of zero", { ...WRITER, requestsPerSecond: 0 }, "bad-parameter"],
      ["a secret of its own", { ...WRITER, secretHash: "x" }, "bad-body"],
      ["no object", "token", "bad-body"],
    ])("with %s is refused", async (_what, input, code) => {
      expect(await codeOf(createToken(control.as(admin), input))).toBe(code);
    });
  });

  describe("changing one", () => {
    test("changes what is named, with an audit row", async () => {
      const { id } = await createToken(control.as(admin), { ...WRITER, eventsPerDay: 5 });
      const changed = await updateToken(control.as(admin), id, { name: "other", eventsPerDay: null, expiresAt: null });
      expect(changed).toMatchObject({ name: "other", eventsPerDay: null, expiresAt: null, write: [FEED] });
      const change = { action: "token.update", entityId: id };
      await control.expectAuditRow(admin, {
        ...change,
        before: expect.objectContaining({ name: "loader", eventsPerDay: 5 }) as object,
        after: expect.objectContaining({ name: "other", eventsPerDay: null }) as object,
      });
    });

    test("is refused when it takes its last scope, when it is revoked, and when there is none", async () => {
      const { id } = await createToken(control.as(admin), WRITER);
      expect(await codeOf(updateToken(control.as(admin), id, { write: [] }))).toBe("bad-parameter");
      await revokeToken(control.as(admin), id);
      expect(await codeOf(updateToken(control.as(admin), id, { name: "x" }))).toBe("conflict");
      expect(await codeOf(updateToken(control.as(admin), "none", { name: "x" }))).toBe("not-found");
      expect(await codeOf(revokeToken(control.as(admin), "none"))).toBe("not-found");
    });

    test("to revoke it twice leaves one audit row", async () => {
      const { id } = await createToken(control.as(admin), WRITER);
      await revokeToken(control.as(admin), id);
      await revokeToken(control.as(admin), id);
      const rows = await control.db.select().from(auditLog).where(eq(auditLog.entityId, id));
      expect(rows.map(({ action }) => action)).toEqual(["token.create", "token.revoke"]);
      expect(await getToken(control.as(admin), id)).toMatchObject({ state: "revoked", revokedAt: NOW });
    });
  });

  describe("holding one", () => {
    test.each([
      ["write", WRITER, { role: "none", feeds: { read: [], write: [FEED] } }],
      ["read", { name: "loader", read: [FEED] }, { role: "viewer", feeds: { read: [FEED], write: [] } }],
      ["admin", { name: "loader", admin: true }, { role: "admin", feeds: { read: "all", write: "all" } }],
    ])("with the scope %s makes an actor of it", async (_scope, input, expected) => {
      const { tokens } = tokensOf(control);
      const made = await createToken(control.as(admin), input);
      expect(await tokens.actorOf(made.token)).toEqual({
        kind: "token",
        id: `token:${made.id}`,
        name: "loader",
        ...expected,
      });
    });

    test("is nothing with another secret, another id or in another form", async () => {
      const { tokens } = tokensOf(control);
      const made = await createToken(control.as(admin), WRITER);
      const flipped = made.token.slice(0, -2) + (made.token.at(-2) === "A" ? "B" : "A") + made.token.at(-1);
      const other = `weir_${"0".repeat(32)}_${made.token.slice(-43)}`;
      for (const wrong of [flipped, other, "weir_", made.token.slice(0, -1), `${made.token}A`, `${made.token}'--`])
        expect(await tokens.actorOf(wrong)).toBeNull();
    });

    test("is asked once of the database for a burst of requests, and again after a few seconds", async () => {
      const { tokens, given } = tokensOf(control);
      const { token: text } = await createToken(control.as(admin), WRITER);
      await Promise.all(Array.from({ length: 100 }, () => tokens.actorOf(text)));
      given.now += FRESH_MS - 1;
      await tokens.actorOf(text);
      expect(given.asked).toBe(1);
      given.now += STALE_MS;
      await tokens.actorOf(text);
      expect(given.asked).toBe(2);
    });

    test("ends at once where it is revoked, and within seconds in another process", async () => {
      const here = tokensOf(control);
      const elsewhere = tokensOf(control, new RightsChanges());
      const { id, token: text } = await createToken(control.as(admin), WRITER);
      for (const { tokens } of [here, elsewhere]) expect(await tokens.actorOf(text)).not.toBeNull();
      await revokeToken(control.as(admin), id);
      await expect(here.tokens.actorOf(text)).rejects.toThrow('The token "loader" was revoked');
      expect(await elsewhere.tokens.actorOf(text)).not.toBeNull();
      elsewhere.given.now += STALE_MS;
      expect(await codeOf(elsewhere.tokens.actorOf(text))).toBe("unauthorized");
    });

    test("ends when it expires, whatever is remembered", async () => {
      const { tokens, given } = tokensOf(control);
      const made = await createToken(control.as(admin), { ...WRITER, expiresAt: NOW + 1_000 });
      const holder = (await tokens.actorOf(made.token))!;
      expect(await tokens.rightsOf(holder)).toEqual(holder);
      given.now += 1_000;
      await expect(tokens.actorOf(made.token)).rejects.toThrow("has expired");
      expect(await tokens.rightsOf(holder)).toBeNull();
    });

    test("goes on for a while without the database; one that was never seen does not", async () => {
      const { tokens, given } = tokensOf(control);
      const seen = await createToken(control.as(admin), WRITER);
      const unseen = await createToken(control.as(admin), WRITER);
      await tokens.actorOf(seen.token);
      given.isAway = true;
      expect(await codeOf(tokens.actorOf(unseen.token))).toBe("control-unavailable");
      given.now += GRACE_MS - 1;
      expect(await tokens.actorOf(seen.token)).not.toBeNull();
      given.now += 1;
      expect(await codeOf(tokens.actorOf(seen.token))).toBe("control-unavailable");
      given.isAway = false;
      expect(await tokens.actorOf(seen.token)).not.toBeNull();
    });

    test("is held to its bounds, which change without another secret", async () => {
      const { tokens } = tokensOf(control);
      const { id, token: text } = await createToken(control.as(admin), { ...WRITER, requestsPerSecond: 1 });
      await tokens.actorOf(text);
      expect(await codeOf(tokens.actorOf(text))).toBe("rate-limited");
      await updateToken(control.as(admin), id, { requestsPerSecond: null });
      expect(await codeOf(tokens.actorOf(text))).toContain("answered");
    });

    test("is counted by every process, and a quota is of all of them", async () => {
      const [one, two] = [tokensOf(control), tokensOf(control)];
      const { id, token: text } = await createToken(control.as(admin), { ...WRITER, eventsPerDay: 10 });
      for (const { tokens } of [one, two]) tokens.spend((await tokens.actorOf(text))!, 5);
      await one.tokens.writeUsage();
      expect(await getToken(control.as(admin), id)).toMatchObject({
        lastUsedAt: NOW,
        today: { requests: 1, events: 5 },
      });
      expect(await codeOf(one.tokens.actorOf(text))).toContain("answered");
      await two.tokens.writeUsage();
      expect(await codeOf(two.tokens.actorOf(text))).toBe("rate-limited");
      one.given.now += STALE_MS;
      await until(
        "the other's events to be known",
        async () => (await codeOf(one.tokens.actorOf(text))) === "rate-limited",
      );
    });

    test("its use is not lost when it cannot be written", async () => {
      const { tokens, given } = tokensOf(control);
      const { id, token: text } = await createToken(control.as(admin), WRITER);
      await tokens.actorOf(text);
      given.isAway = true;
      await tokens.writeUsage();
      given.isAway = false;
      await tokens.writeUsage();
      const listed = (await listTokens(control.as(admin))).find((one) => one.id === id);
      expect(listed).toMatchObject({ state: "active", today: { requests: 1, events: 0 } });
    });
  });
});
