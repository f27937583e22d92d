import { eq } from "drizzle-orm";
import { AppError } from "../../model/app-error";
import { hasRole, requireRole } from "../actor";
import { audit } from "../audit/audit";
import { withTransaction, type ControlContext } from "../context";
import { session } from "../db/schema/accounts";
import { idText, parseInput } from "../input";

/**
 * Ends a session: one's own (that is how one signs out), or anybody's for an admin.
 *
 * @throws AppError not-found, also for others' when one is no admin, bad-body, control-unavailable
 */
export async function revokeSession(ctx: ControlContext, id: unknown): Promise<void> {
  requireRole(ctx, "viewer");
  const sessionId = parseInput(idText, id);
  const userId = await withTransaction(ctx, async (tx, inside) => {
    const [row] = await tx.select().from(session).where(eq(session.id, sessionId)).for("update");
    if (!row || (row.userId !== ctx.actor.id && !hasRole(ctx.actor, "admin")))
      throw new AppError("not-found", `There is no session ${JSON.stringify(sessionId)} that you may end.`);
    await tx.delete(session).where(eq(session.id, sessionId));
    const { ipAddress, createdAt } = row;
    await audit(inside, {
      action: "session.revoke",
      entityId: sessionId,
      before: { userId: row.userId, ipAddress, createdAt },
      after: null,
    });
    return row.userId;
  });
  ctx.rights.announce({ actorId: userId, sessionId });
}
