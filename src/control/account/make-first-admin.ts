import { and, eq, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import { AppError } from "../../model/app-error";
import { audit } from "../audit/audit";
import { withDatabase, withTransaction, type ControlContext, type ReadingContext } from "../context";
import { user } from "../db/schema/accounts";
import { lineOfText, parseInput } from "../input";
import { insertPerson } from "./insert-person";
import { hashPassword, insertCredential, requirePassword } from "./password";
import { auditedUser, emailText } from "./person";
import { userActor } from "./rights-of";

export const makeFirstAdminInput = z.strictObject({ name: lineOfText(120), email: emailText, password: z.unknown() });

/** @throws AppError control-unavailable */
export async function hasAdmin(ctx: ReadingContext): Promise<boolean> {
  const found = await withDatabase(ctx, (db) =>
    db
      .select({ id: user.id })
      .from(user)
      .where(and(eq(user.role, "admin"), isNull(user.disabledAt)))
      .limit(1),
  );
  return found.length > 0;
}

/**
 * Makes the first admin, for whoever has the link that the server printed (`Welcome` knows it).
 *
 * @throws AppError conflict when there is one already, bad-parameter, bad-body, control-unavailable
 */
export async function makeFirstAdmin(ctx: ControlContext, input: unknown): Promise<{ email: string }> {
  const { name, email, password } = parseInput(makeFirstAdminInput, input);
  const hash = await hashPassword(requirePassword(password));
  return withTransaction(ctx, async (tx, inside) => {
    // Of two at the same time the second waits here, and sees the first.
    await tx.execute(sql`SELECT pg_advisory_xact_lock(hashtext('weir first admin'))`);
    if (await hasAdmin(inside)) throw new AppError("conflict", "This server has an admin: ask them to invite you.");
    const row = await insertPerson(inside, { email, name, role: "admin", feeds: { read: "all", write: "all" } });
    await insertCredential(inside, row.id, hash);
    const made = { ...inside, actor: userActor(row, null, "welcome") };
    await audit(made, { action: "user.first-admin", entityId: row.id, before: null, after: auditedUser(row) });
    return { email };
  });
}
