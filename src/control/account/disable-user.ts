import { eq } from "drizzle-orm";
import { z } from "zod";
import { requireRole } from "../actor";
import { audit } from "../audit/audit";
import { withTransaction, type ControlContext } from "../context";
import { session, user } from "../db/schema/accounts";
import { idText, parseInput } from "../input";
import { auditedUser, findPeople, lockUser, requireAnotherAdmin, type Person, type UserRow } from "./person";

export const disableUserInput = z.strictObject({ disabled: z.boolean("must be true or false") });

/**
 * Ends all sessions of somebody and lets them sign in no more, whichever way; or lets them in again.
 *
 * @throws AppError forbidden, not-found, bad-parameter, bad-body, conflict for the last admin, control-unavailable
 */
export async function disableUser(ctx: ControlContext, id: unknown, input: unknown): Promise<Person> {
  requireRole(ctx, "admin");
  const userId = parseInput(idText, id);
  const { disabled } = parseInput(disableUserInput, input);
  const at = new Date(ctx.clock.now());
  const changed = await withTransaction(ctx, async (tx, inside) => {
    const before = await lockUser(inside, userId);
    if (disabled && before.role === "admin" && before.disabledAt === null) await requireAnotherAdmin(inside, userId);
    const after: UserRow = { ...before, disabledAt: disabled ? (before.disabledAt ?? at) : null, updatedAt: at };
    await tx.update(user).set({ disabledAt: after.disabledAt, updatedAt: at }).where(eq(user.id, userId));
    if (disabled) await tx.delete(session).where(eq(session.userId, userId));
    await audit(inside, {
      action: disabled ? "user.disable" : "user.enable",
      entityId: userId,
      before: auditedUser(before),
      after: auditedUser(after),
    });
    const [person] = await findPeople({ ...inside, now: ctx.clock.now() }, userId);
    return person!;
  });
  ctx.rights.announce({ actorId: userId, sessionId: null });
  return changed;
}
