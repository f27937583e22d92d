/** Who is signed in, told by a cookie: from the database, and from memory while that may be. */
import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { FRESH_MS, GRACE_MS, Sessions, signedToken } from "~/control/account/sessions";
import { rightsOf } from "~/control/account/rights-of";
import { feedRights, session, user } from "~/control/db/schema/accounts";
import type { Role } from "~/control/actor";
import { AppError } from "~/model/app-error";
import { eq } from "drizzle-orm";
import { NOW, onEveryDatabase, person, type ControlFixture } from "../support/control";

const SECRET = "what cookies are signed with";

/** Somebody with a session that lasts another hour. */
async function signedIn({ db }: ControlFixture, role: Role = "operator") {
  const [id, sessionId, token] = [randomUUID(), randomUUID(), randomUUID()];
  await db.insert(user).values({ id, name: "Anna", email: `${id}@example.org`, role });
  await db.insert(session).values({ id: sessionId, token, userId: id, expiresAt: new Date(NOW + 3_600_000) });
  return { id, sessionId, token, cookie: signedToken(token, SECRET) };
}

function sessionsOf(control: ControlFixture) {
  const { control: working } = control.as(person("viewer"));
  const state = { now: NOW, isAway: false, asked: 0 };
  const away = new AppError("control-unavailable", "The database is away.");
  const sessions = new Sessions({
    control: {
      ...working,
      database: (patienceMs) => {
        state.asked += 1;
        return state.isAway ? Promise.reject(away) : working.database(patienceMs);
      },
    },
    rights: control.rights,
    clock: { now: () => state.now },
    secret: SECRET,
    patienceMs: 0,
  });
  return { sessions, state };
}

onEveryDatabase((control) => {
  test("a signed cookie is its person, with the rights on feeds that their row says", async () => {
    const { sessions } = sessionsOf(control);
    const anna = await signedIn(control);
    await control.db.insert(feedRights).values({ userId: anna.id, read: ["pipeline_events"], write: [] });
    expect(await sessions.actorOf(anna.cookie)).toEqual({
      kind: "user",
      id: anna.id,
      name: "Anna",
      role: "operator",
      feeds: { read: ["pipeline_events"], write: [] },
      sessionId: anna.sessionId,
    });
  });

  test.each([
    ["viewer", { read: "all", write: [] }],
    ["operator", { read: "all", write: "all" }],
    ["admin", { read: "all", write: "all" }],
  ] as const)("a %s without a row of rights has %j", async (role, feeds) => {
    const { sessions } = sessionsOf(control);
    const { cookie } = await signedIn(control, role);
    expect(await sessions.actorOf(cookie)).toMatchObject({ role, feeds });
  });

  test("a cookie that is not signed by this server never reaches the database", async () => {
    const { sessions, state } = sessionsOf(control);
    const { token, cookie } = await signedIn(control);
    for (const forged of [token, `${token}.`, signedToken(token, "another secret"), cookie.slice(0, -2), "", "."])
      expect(await sessions.actorOf(forged)).toBeNull();
    expect(state.asked).toBe(0);
  });

  test("an ended session and a disabled person are nobody", async () => {
    const { sessions, state } = sessionsOf(control);
    const [ended, disabled] = [await signedIn(control), await signedIn(control)];
    await control.db
      .update(session)
      .set({ expiresAt: new Date(NOW) })
      .where(eq(session.id, ended.sessionId));
    await control.db
      .update(user)
      .set({ disabledAt: new Date(NOW) })
      .where(eq(user.id, disabled.id));
    expect(await sessions.actorOf(ended.cookie)).toBeNull();
    expect(await sessions.actorOf(disabled.cookie)).toBeNull();
    const { cookie } = await signedIn(control);
    expect(await sessions.actorOf(cookie)).not.toBeNull();
    state.now += 3_600_000;
    expect(await sessions.actorOf(cookie)).toBeNull();
  });

  test("the database is asked once in a few seconds", async () => {
    const { sessions, state } = sessionsOf(control);
    const { cookie } = await signedIn(control);
    await sessions.actorOf(cookie);
    state.now += FRESH_MS - 1;
    await sessions.actorOf(cookie);
    expect(state.asked).toBe(1);
    state.now += 1;
    await sessions.actorOf(cookie);
    expect(state.asked).toBe(2);
  });

  test("what is withdrawn is forgotten at once, also when it was just being looked up", async () => {
    const { sessions } = sessionsOf(control);
    const { id, sessionId, cookie } = await signedIn(control);
    const looking = sessions.actorOf(cookie);
    control.rights.announce({ actorId: id, sessionId });
    await looking;
    await control.db.delete(session).where(eq(session.id, sessionId));
    expect(await sessions.actorOf(cookie)).toBeNull();

    const other = await signedIn(control);
    await sessions.actorOf(other.cookie);
    await control.db.delete(session).where(eq(session.id, other.sessionId));
    expect(await sessions.actorOf(other.cookie)).not.toBeNull();
    control.rights.announce({ actorId: other.id, sessionId: null });
    expect(await sessions.actorOf(other.cookie)).toBeNull();
  });

  test("while the database is away, whoever was seen lately stays, and nobody else comes in", async () => {
    const { sessions, state } = sessionsOf(control);
    const [anna, ben] = [await signedIn(control), await signedIn(control)];
    await sessions.actorOf(anna.cookie);
    state.isAway = true;
    state.now += GRACE_MS - 1;
    expect(await sessions.actorOf(anna.cookie)).toMatchObject({ id: anna.id });
    await expect(sessions.actorOf(ben.cookie)).rejects.toMatchObject({ code: "control-unavailable" });
    state.now += 1;
    await expect(sessions.actorOf(anna.cookie)).rejects.toMatchObject({ code: "control-unavailable" });
    state.isAway = false;
    expect(await sessions.actorOf(anna.cookie)).toMatchObject({ id: anna.id });
  });

  test("whoever is connected for long can ask what they may now", async () => {
    const { sessions } = sessionsOf(control);
    const { id, sessionId, cookie } = await signedIn(control);
    const actor = (await sessions.actorOf(cookie))!;
    const ctx = control.as(actor);
    expect(await rightsOf(ctx, actor)).toEqual(actor);
    await control.db.update(user).set({ role: "viewer" }).where(eq(user.id, id));
    expect(await rightsOf(ctx, actor)).toMatchObject({ role: "viewer", feeds: { write: [] } });
    await control.db.delete(session).where(eq(session.id, sessionId));
    expect(await rightsOf(ctx, actor)).toBeNull();
  });
});
