/** What people may, from the rows that say it. */
import { and, eq, gt, isNull, type InferSelectModel } from "drizzle-orm";
import type { Actor, FeedRights, Role } from "../actor";
import type { Clock } from "../../clock";
import { withDatabase, type ReadingContext } from "../context";
import { feedRights, session, user } from "../db/schema/accounts";

type FeedRightsRow = Pick<InferSelectModel<typeof feedRights>, "read" | "write">;

/** The session of people whom a proxy in front of the server vouches for: they have none of their own here. */
export const PROXY_SESSION = "proxy";

/** Viewers write to no feed, whatever their row says; admins are bound by nothing, for they could unbind themselves. */
export function feedRightsOf(role: Role, row: FeedRightsRow | null): FeedRights {
  if (role === "admin") return { read: "all", write: "all" };
  return { read: row?.read ?? "all", write: role === "viewer" ? [] : (row?.write ?? "all") };
}

type UserRow = Pick<InferSelectModel<typeof user>, "id" | "name" | "role">;

export const userActor = (row: UserRow, rights: FeedRightsRow | null, sessionId: string): Actor => ({
  kind: "user",
  id: row.id,
  name: row.name,
  role: row.role,
  feeds: feedRightsOf(row.role, rights),
  sessionId,
});

type Reading = ReadingContext & { clock: Clock };

/**
 * An actor as it is now: what a long-lived stream asks from time to time. Null when it may nothing any more, because the
 * session ended or the person was disabled.
 *
 * @throws AppError control-unavailable: then nobody knows, and what was known before goes on
 */
export async function rightsOf(ctx: Reading, actor: Actor): Promise<Actor | null> {
  if (actor.kind !== "user") return actor;
  const { id, sessionId } = actor;
  const found =
    sessionId === PROXY_SESSION ? await findUserActor(ctx, id) : await findSessionActor(ctx, { userId: id, sessionId });
  return found?.actor ?? null;
}

export interface SessionActor {
  actor: Actor;
  /** Epoch ms. */
  endsAt: number;
}

/** Whoever holds the session, in one query. @throws AppError control-unavailable */
export async function findSessionActor(
  ctx: Reading,
  of: { token: string } | { sessionId: string; userId: string },
): Promise<SessionActor | null> {
  const which =
    "token" in of ? eq(session.token, of.token) : and(eq(session.id, of.sessionId), eq(session.userId, of.userId));
  const [row] = await withDatabase(ctx, (db) =>
    db
      .select({ user, rights: feedRights, sessionId: session.id, expiresAt: session.expiresAt })
      .from(session)
      .innerJoin(user, eq(user.id, session.userId))
      .leftJoin(feedRights, eq(feedRights.userId, user.id))
      .where(and(which, isNull(user.disabledAt), gt(session.expiresAt, new Date(ctx.clock.now())))),
  );
  return row ? { actor: userActor(row.user, row.rights, row.sessionId), endsAt: row.expiresAt.getTime() } : null;
}

/** Somebody who needs no session here. @throws AppError control-unavailable */
export async function findUserActor(ctx: Reading, userId: string): Promise<Pick<SessionActor, "actor"> | null> {
  const [row] = await withDatabase(ctx, (db) =>
    db
      .select({ user, rights: feedRights })
      .from(user)
      .leftJoin(feedRights, eq(feedRights.userId, user.id))
      .where(and(eq(user.id, userId), isNull(user.disabledAt))),
  );
  return row ? { actor: userActor(row.user, row.rights, PROXY_SESSION) } : null;
}
