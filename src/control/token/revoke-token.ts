import { eq } from "drizzle-orm";
import { requireRole } from "../actor";
import { audit } from "../audit/audit";
import { withTransaction, type ControlContext } from "../context";
import { token } from "../db/schema/token";
import { idText, parseInput } from "../input";
import { actorIdOf, auditedToken, lockToken } from "./token";

/**
 * It is good for nothing from now on: in this process at once, in others within seconds. To revoke it again changes nothing.
 *
 * @throws AppError forbidden, not-found, bad-parameter, control-unavailable
 */
export async function revokeToken(ctx: ControlContext, id: unknown): Promise<void> {
  requireRole(ctx, "admin");
  const tokenId = parseInput(idText, id);
  await withTransaction(ctx, async (tx, inside) => {
    const before = await lockToken(inside, tokenId);
    if (before.revokedAt !== null) return;
    const after = { ...before, revokedAt: new Date(ctx.clock.now()) };
    await tx.update(token).set(after).where(eq(token.id, tokenId));
    await audit(inside, {
      action: "token.revoke",
      entityId: tokenId,
      before: auditedToken(before),
      after: auditedToken(after),
    });
  });
  ctx.rights.announce({ actorId: actorIdOf(tokenId), sessionId: null });
}
