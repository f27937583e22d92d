import { and, eq, gt, isNull } from "drizzle-orm";
import { z } from "zod";
import { AppError } from "../../model/app-error";
import { audit } from "../audit/audit";
import { withDatabase, withTransaction, type ControlContext } from "../context";
import { invitation } from "../db/schema/accounts";
import { lineOfText, parseInput } from "../input";
import { insertPerson } from "./insert-person";
import { invitationOf, type Invitation, type InvitationRow } from "./invitation";
import { hashOfLink } from "./one-time-link";
import { hashPassword, insertCredential, requirePassword } from "./password";
import { auditedUser } from "./person";
import { userActor } from "./rights-of";

export const acceptInvitationInput = z.strictObject({ name: lineOfText(120), password: z.unknown() });

/** What a link offers, for whoever has it. @throws AppError not-found, control-unavailable */
export async function findInvitation(ctx: ControlContext, token: string): Promise<Invitation> {
  return invitationOf(await findOpen(ctx, token));
}

/**
 * Makes the account that the link stands for. Whoever has the link may, once.
 *
 * @returns the address with which they sign in
 * @throws AppError not-found when the link is void, bad-parameter, bad-body, conflict, control-unavailable
 */
export async function acceptInvitation(ctx: ControlContext, token: string, input: unknown): Promise<{ email: string }> {
  const { name, password } = parseInput(acceptInvitationInput, input);
  const hash = await hashPassword(requirePassword(password));
  return withTransaction(ctx, async (tx, inside) => {
    const invited = await findOpen(inside, token);
    const { email, role, read, write } = invited;
    const row = await insertPerson(inside, {
      email,
      name,
      role,
      feeds: { read: read ?? "all", write: write ?? "all" },
    });
    await insertCredential(inside, row.id, hash);
    await tx
      .update(invitation)
      .set({ acceptedAt: new Date(ctx.clock.now()) })
      .where(eq(invitation.id, invited.id));
    const accepted = { ...inside, actor: userActor(row, null, "invitation") };
    await audit(accepted, {
      action: "invitation.accept",
      entityId: invited.id,
      before: null,
      after: { userId: row.id, ...auditedUser(row) },
    });
    return { email };
  });
}

async function findOpen(ctx: ControlContext, token: string): Promise<InvitationRow> {
  const [row] = await withDatabase(ctx, (db) => {
    const query = db
      .select()
      .from(invitation)
      .where(
        and(
          eq(invitation.tokenHash, hashOfLink(token)),
          isNull(invitation.acceptedAt),
          gt(invitation.expiresAt, new Date(ctx.clock.now())),
        ),
      );
    return ctx.tx ? query.for("update") : query;
  });
  if (row) return row;
  throw new AppError("not-found", "This invitation was used, withdrawn or is older than a week: ask for another one.");
}
