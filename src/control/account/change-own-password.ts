import { and, eq, ne } from "drizzle-orm";
import { z } from "zod";
import { AppError } from "../../model/app-error";
import { requireRole } from "../actor";
import { audit } from "../audit/audit";
import { withDatabase, withTransaction, type ControlContext } from "../context";
import { account, session } from "../db/schema/accounts";
import { parseInput } from "../input";
import { CREDENTIAL, hashPassword, isPassword, requirePassword } from "./password";

export const changeOwnPasswordInput = z.strictObject({ current: z.unknown(), password: z.unknown() });

/**
 * Also ends all other sessions of the one who asks.
 *
 * @throws AppError conflict for who has no password, bad-parameter, which repeats neither, bad-body, control-unavailable
 */
export async function changeOwnPassword(ctx: ControlContext, input: unknown): Promise<void> {
  requireRole(ctx, "viewer");
  const { current, password } = parseInput(changeOwnPasswordInput, input);
  const wanted = requirePassword(password);
  const { actor } = ctx;
  const isTheirs = and(eq(account.userId, actor.id), eq(account.providerId, CREDENTIAL));
  const [found] = await withDatabase(ctx, (db) => db.select({ hash: account.password }).from(account).where(isTheirs));
  if (actor.kind !== "user" || !found?.hash)
    throw new AppError("conflict", `${actor.name} has no password here: it is changed where you sign in.`);
  if (typeof current !== "string" || current.length > 1_000 || !(await isPassword(found.hash, current)))
    throw new AppError("bad-parameter", "current: this is not your password.", { parameter: "current" });
  const hash = await hashPassword(wanted);
  await withTransaction(ctx, async (tx, inside) => {
    await tx
      .update(account)
      .set({ password: hash, updatedAt: new Date(ctx.clock.now()) })
      .where(isTheirs);
    await tx.delete(session).where(and(eq(session.userId, actor.id), ne(session.id, actor.sessionId)));
    await audit(inside, { action: "user.change-password", entityId: actor.id, before: null, after: null });
  });
  ctx.rights.announce({ actorId: actor.id, sessionId: null });
}
