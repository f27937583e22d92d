import { and, desc, eq, gt } from "drizzle-orm";
import { requireRole } from "../actor";
import { withDatabase, type ControlContext } from "../context";
import { session } from "../db/schema/accounts";
import { idText, parseInput } from "../input";

export interface SessionView {
  id: string;
  userId: string;
  /** Epoch ms. */
  createdAt: number;
  expiresAt: number;
  ip: string | null;
  userAgent: string | null;
  /** Of the one who asks. */
  isCurrent: boolean;
}

const MOST = 500;

/**
 * The open ones of somebody, newest first: one's own, or of anybody for an admin.
 *
 * @throws AppError forbidden, bad-body, control-unavailable
 */
export async function listSessions(ctx: ControlContext, of: unknown = ctx.actor.id): Promise<SessionView[]> {
  requireRole(ctx, "viewer");
  const userId = parseInput(idText, of);
  if (userId !== ctx.actor.id) requireRole(ctx, "admin");
  const rows = await withDatabase(ctx, (db) =>
    db
      .select()
      .from(session)
      .where(and(eq(session.userId, userId), gt(session.expiresAt, new Date(ctx.clock.now()))))
      .orderBy(desc(session.createdAt), desc(session.id))
      .limit(MOST),
  );
  const current = ctx.actor.kind === "user" ? ctx.actor.sessionId : null;
  return rows.map((row) => ({
    id: row.id,
    userId: row.userId,
    createdAt: row.createdAt.getTime(),
    expiresAt: row.expiresAt.getTime(),
    ip: row.ipAddress,
    userAgent: row.userAgent,
    isCurrent: row.id === current,
  }));
}
