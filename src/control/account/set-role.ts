import { eq } from "drizzle-orm";
import { z } from "zod";
import { requireRole, ROLES } from "../actor";
import { audit } from "../audit/audit";
import { withTransaction, type ControlContext } from "../context";
import { user } from "../db/schema/accounts";
import { idText, parseInput } from "../input";
import { auditedUser, findPeople, lockUser, requireAnotherAdmin, type Person, type UserRow } from "./person";

export const setRoleInput = z.strictObject({ role: z.enum(ROLES, "must be viewer, operator or admin") });

/** @throws AppError forbidden, not-found, bad-parameter, bad-body, conflict for the last admin, control-unavailable */
export async function setRole(ctx: ControlContext, id: unknown, input: unknown): Promise<Person> {
  requireRole(ctx, "admin");
  const userId = parseInput(idText, id);
  const { role } = parseInput(setRoleInput, input);
  const changed = await withTransaction(ctx, async (tx, inside) => {
    const before = await lockUser(inside, userId);
    if (before.role === "admin" && role !== "admin" && before.disabledAt === null)
      await requireAnotherAdmin(inside, userId);
    const after: UserRow = { ...before, role, updatedAt: new Date(ctx.clock.now()) };
    await tx.update(user).set({ role, updatedAt: after.updatedAt }).where(eq(user.id, userId));
    await audit(inside, {
      action: "user.set-role",
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
