/** People: how accounts come to be, what admins may do with them, and that nobody else may. */
import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { Registry } from "prom-client";
import { afterEach, expect, test } from "vitest";
import { acceptInvitation, findInvitation } from "~/control/account/accept-invitation";
import { Accounts } from "~/control/account/accounts";
import { changeOwnPassword } from "~/control/account/change-own-password";
import { cookieSecretOf } from "~/control/account/cookie-secret";
import { disableUser } from "~/control/account/disable-user";
import { INVITATION_MS } from "~/control/account/invitation";
import { inviteUser } from "~/control/account/invite-user";
import { listInvitations } from "~/control/account/list-invitations";
import { listSessions } from "~/control/account/list-sessions";
import { listUsers } from "~/control/account/list-users";
import { hasAdmin } from "~/control/account/make-first-admin";
import { revokeInvitation } from "~/control/account/revoke-invitation";
import { revokeSession } from "~/control/account/revoke-session";
import { Sessions } from "~/control/account/sessions";
import { setFeedRights } from "~/control/account/set-feed-rights";
import { setRole } from "~/control/account/set-role";
import { Welcome } from "~/control/account/welcome";
import { SYSTEM, type Actor } from "~/control/actor";
import type { ControlContext } from "~/control/context";
import { account, invitation, session, user } from "~/control/db/schema/accounts";
import { silentLog } from "../support/test-log";
import { NOW, onEveryDatabase, person, type ControlFixture } from "../support/control";

const PASSWORD = "correct horse battery staple";
const CLIENT = { origin: "http://weir.example", userAgent: "a browser" };
const SECRET = cookieSecretOf("the secret of the server");
const admin = person("admin");
const clock = { now: () => Date.now() };

onEveryDatabase((control) => {
  const nobody = (given: Partial<ControlContext> = {}) => control.as(SYSTEM, { clock, ...given });
  const accounts = () =>
    new Accounts({
      ...{ secret: SECRET, oidc: null, defaultRole: "viewer" as const },
      ...{ log: silentLog, clock, metrics: new Registry() },
    });
  const tokenOf = ({ path }: { path: string }) => path.replace("/invitations/", "");

  afterEach(async () => {
    await control.db.delete(user);
    await control.db.delete(invitation);
  });

  /** Somebody with an account and a session, as an actor. */
  async function member(role: Actor["role"] = "viewer") {
    const email = `${randomUUID()}@example.org`;
    const invited = await inviteUser(control.as(admin, { clock }), { email, role });
    await acceptInvitation(nobody(), tokenOf(invited), { name: "Anna", password: PASSWORD });
    return { email, ...(await signIn(control, email)) };
  }

  async function signIn(fixture: ControlFixture, email: string, password = PASSWORD) {
    const made = await accounts().signIn(nobody(), { email, password }, CLIENT);
    const { rights } = fixture;
    const { control: working } = fixture.as(admin);
    const sessions = new Sessions({ control: working, rights, clock, secret: SECRET, patienceMs: 0 });
    const look = () => sessions.actorOf(made.cookie);
    const actor = (await look())!;
    if (actor.kind !== "user") throw new Error("Nobody is signed in.");
    return { actor, look };
  }

  test("whoever is invited makes their account once, and signs in with its password", async () => {
    const invited = await inviteUser(control.as(admin, { clock }), {
      email: " Anna@Example.org ",
      role: "operator",
      read: ["pipeline_events"],
      write: [],
    });
    const token = tokenOf(invited);
    expect(await findInvitation(nobody(), token)).toMatchObject({ email: "anna@example.org", role: "operator" });
    const [row] = await control.db.select().from(invitation);
    expect(JSON.stringify(row)).not.toContain(token);
    expect(JSON.stringify(await control.lastAudit("invitation", invited.id))).not.toContain(token);

    await acceptInvitation(nobody(), token, { name: "Anna", password: PASSWORD });
    const { actor } = await signIn(control, "ANNA@example.org");
    expect(actor).toMatchObject({ name: "Anna", role: "operator", feeds: { read: ["pipeline_events"], write: [] } });
    expect(await control.lastAudit("session", actor.sessionId)).toMatchObject({ actorId: actor.id });
    await expect(acceptInvitation(nobody(), token, { name: "Eve", password: PASSWORD })).rejects.toMatchObject({
      code: "not-found",
    });
    const [kept] = await control.db.select().from(account).where(eq(account.userId, actor.id));
    expect(kept!.password).not.toContain(PASSWORD);
  });

  test("an invitation ends after a week, when it is withdrawn, and when another is made for the same address", async () => {
    const ctx = control.as(admin);
    const first = await inviteUser(ctx, { email: "ben@example.org" });
    const second = await inviteUser(ctx, { email: "ben@example.org" });
    const later = { clock: { now: () => NOW + INVITATION_MS } };
    const atNow = { clock: { now: () => NOW } };
    await expect(findInvitation(nobody(atNow), tokenOf(first))).rejects.toMatchObject({ code: "not-found" });
    await expect(findInvitation(nobody(later), tokenOf(second))).rejects.toMatchObject({ code: "not-found" });
    expect(await listInvitations(ctx)).toMatchObject([{ email: "ben@example.org", role: "viewer" }]);
    await revokeInvitation(ctx, second.id);
    await expect(findInvitation(nobody(atNow), tokenOf(second))).rejects.toMatchObject({ code: "not-found" });
    expect(await listInvitations(ctx)).toEqual([]);
    await expect(revokeInvitation(ctx, second.id)).rejects.toMatchObject({ code: "not-found" });
  });

  test("a wrong password, an unknown address and a disabled person have the same answer", async () => {
    const { email, actor } = await member();
    const refused = { code: "unauthorized", message: "The e-mail address or the password is wrong." };
    await expect(signIn(control, email, "not the password")).rejects.toMatchObject(refused);
    await expect(signIn(control, "nobody@example.org")).rejects.toMatchObject(refused);
    await expect(signIn(control, "no address")).rejects.toMatchObject(refused);
    await disableUser(control.as(admin), actor.id, { disabled: true });
    await expect(signIn(control, email)).rejects.toMatchObject(refused);
    await disableUser(control.as(admin), actor.id, { disabled: false });
    await signIn(control, email);
  });

  test("after five wrong passwords the sixth has to wait, even if it is right", async () => {
    const { email } = await member();
    const same = accounts();
    const guess = (password: string) => same.signIn(nobody({ ip: null }), { email, password }, CLIENT);
    for (let n = 0; n < 5; n++) await expect(guess("wrong")).rejects.toMatchObject({ code: "unauthorized" });
    await expect(guess(PASSWORD)).rejects.toMatchObject({ code: "rate-limited" });
  });

  test("the first admin is made with the link that was printed, once", async () => {
    const welcome = new Welcome();
    const token = () => new URL(welcome.newLink(), "http://weir.example").searchParams.get("token")!;
    const input = { name: "Root", email: "root@example.org", password: PASSWORD };
    const [outdated, link] = [token(), token()];
    expect(await hasAdmin(nobody())).toBe(false);
    for (const wrong of ["", "x", outdated])
      await expect(welcome.accept(nobody(), wrong, input)).rejects.toMatchObject({ code: "not-found" });
    await expect(welcome.accept(nobody(), link, { ...input, password: "short" })).rejects.toMatchObject({
      code: "bad-parameter",
      details: { parameter: "password" },
    });
    await welcome.accept(nobody(), link, input);
    await expect(welcome.accept(nobody(), link, input)).rejects.toMatchObject({ code: "not-found" });
    const { actor } = await signIn(control, "root@example.org");
    expect(actor.role).toBe("admin");
    expect(await control.lastAudit("user", actor.id)).toMatchObject({ action: "user.first-admin", actorId: actor.id });
    const another = new Welcome();
    const late = new URL(another.newLink(), "http://weir.example").searchParams.get("token")!;
    await expect(another.accept(nobody(), late, { ...input, email: "eve@example.org" })).rejects.toMatchObject({
      code: "conflict",
    });
  });

  test("the last admin stays one, and stays enabled", async () => {
    const { actor: first } = await member("admin");
    const ctx = control.as(first);
    await expect(setRole(ctx, first.id, { role: "operator" })).rejects.toMatchObject({ code: "conflict" });
    await expect(disableUser(ctx, first.id, { disabled: true })).rejects.toMatchObject({ code: "conflict" });
    const { actor: second } = await member("admin");
    await setRole(ctx, second.id, { role: "admin" });
    await setRole(ctx, first.id, { role: "viewer" });
    await expect(disableUser(control.as(second), second.id, { disabled: true })).rejects.toMatchObject({
      code: "conflict",
    });
  });

  test("a role and rights on feeds go at once, and are in the audit log", async () => {
    const { actor, look } = await member("operator");
    const ctx = control.as(admin);
    await setFeedRights(ctx, actor.id, { read: ["pipeline_events"], write: "all" });
    expect(await look()).toMatchObject({ feeds: { read: ["pipeline_events"], write: "all" } });
    await control.expectAuditRow(admin, {
      action: "user.set-feed-rights",
      entityId: actor.id,
      before: { read: "all", write: "all" },
      after: { read: ["pipeline_events"], write: "all" },
    });
    await setRole(ctx, actor.id, { role: "viewer" });
    expect(await look()).toMatchObject({ role: "viewer", feeds: { write: [] } });
    expect(await listUsers(ctx)).toMatchObject([{ id: actor.id, role: "viewer", ways: ["password"], sessions: 1 }]);
  });

  test("whoever is disabled, and a session that is ended, are out at once", async () => {
    const [anna, ben] = [await member(), await member()];
    await disableUser(control.as(admin), anna.actor.id, { disabled: true });
    expect(await anna.look()).toBeNull();
    expect(await listSessions(control.as(admin, { clock }), anna.actor.id)).toEqual([]);
    expect(await listSessions(control.as(ben.actor, { clock }))).toMatchObject([
      { isCurrent: true, ip: "192.0.2.7", userAgent: "a browser" },
    ]);
    await revokeSession(control.as(ben.actor), ben.actor.sessionId);
    expect(await ben.look()).toBeNull();
  });

  test("whoever changes their password says the present one, and stays signed in only here", async () => {
    const here = await member();
    const there = await signIn(control, here.email);
    const ctx = control.as(here.actor);
    const wrong = { current: "not the password", password: "another long password" };
    const refused: unknown = await changeOwnPassword(ctx, wrong).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "bad-parameter", details: { parameter: "current" } });
    expect((refused as Error).message).not.toContain(wrong.current);
    await expect(changeOwnPassword(ctx, { current: PASSWORD, password: "short" })).rejects.toMatchObject({
      details: { parameter: "password" },
    });
    await changeOwnPassword(ctx, { current: PASSWORD, password: "another long password" });
    expect(await here.look()).not.toBeNull();
    expect(await there.look()).toBeNull();
    await expect(signIn(control, here.email)).rejects.toMatchObject({ code: "unauthorized" });
    await signIn(control, here.email, "another long password");
    await expect(
      changeOwnPassword(control.as(person("viewer")), { current: PASSWORD, password: PASSWORD }),
    ).rejects.toMatchObject({ code: "conflict" });
  });

  test.each(["viewer", "operator"] as const)("a %s does nothing that is for admins", async (role) => {
    const ctx = control.as(person(role));
    const other = await member();
    const forbidden = { code: "forbidden" };
    await expect(listUsers(ctx)).rejects.toMatchObject(forbidden);
    await expect(inviteUser(ctx, { email: "a@example.org" })).rejects.toMatchObject(forbidden);
    await expect(listInvitations(ctx)).rejects.toMatchObject(forbidden);
    await expect(revokeInvitation(ctx, "x")).rejects.toMatchObject(forbidden);
    await expect(setRole(ctx, other.actor.id, { role: "admin" })).rejects.toMatchObject(forbidden);
    await expect(setFeedRights(ctx, other.actor.id, { read: "all", write: "all" })).rejects.toMatchObject(forbidden);
    await expect(disableUser(ctx, other.actor.id, { disabled: true })).rejects.toMatchObject(forbidden);
    await expect(listSessions(ctx, other.actor.id)).rejects.toMatchObject(forbidden);
    await expect(revokeSession(ctx, other.actor.sessionId)).rejects.toMatchObject({ code: "not-found" });
    expect(await control.db.select().from(session).where(eq(session.id, other.actor.sessionId))).toHaveLength(1);
  });

  test("bad input is named, and changes nothing", async () => {
    const ctx = control.as(admin);
    const { actor } = await member();
    const parameter = (name: string) => ({ code: "bad-parameter", details: { parameter: name } });
    for (const email of [
      "",
      "anna",
      "anna@",
      "a@b\u0000.org",
      5,
      `${"a".repeat(250)}@b.org`,
      "a@b.org'; DROP TABLE user",
    ])
      await expect(inviteUser(ctx, { email })).rejects.toMatchObject(parameter("email"));
    await expect(inviteUser(ctx, { email: "a@b.org", role: "root" })).rejects.toMatchObject(parameter("role"));
    await expect(inviteUser(ctx, { email: "a@b.org", read: "some" })).rejects.toMatchObject(parameter("read"));
    await expect(inviteUser(ctx, { email: "a@b.org", read: ["no-such"] })).rejects.toMatchObject({
      code: "unknown-feed",
    });
    await expect(inviteUser(ctx, { email: "a@b.org", sudo: true })).rejects.toMatchObject({ code: "bad-body" });
    await expect(setRole(ctx, actor.id, { role: "" })).rejects.toMatchObject(parameter("role"));
    await expect(setRole(ctx, "nobody", { role: "viewer" })).rejects.toMatchObject({ code: "not-found" });
    await expect(setRole(ctx, "../x", { role: "viewer" })).rejects.toMatchObject({ code: "bad-body" });
    await expect(disableUser(ctx, actor.id, { disabled: "yes" })).rejects.toMatchObject(parameter("disabled"));
    await expect(setFeedRights(ctx, actor.id, { read: "all" })).rejects.toMatchObject(parameter("write"));
    await expect(revokeSession(ctx, "nothing")).rejects.toMatchObject({ code: "not-found" });
    expect(await listInvitations(ctx)).toEqual([]);
  });

  test("an address that somebody has is not invited again", async () => {
    const { email } = await member();
    await expect(inviteUser(control.as(admin), { email: email.toUpperCase() })).rejects.toMatchObject({
      code: "conflict",
    });
  });
});
