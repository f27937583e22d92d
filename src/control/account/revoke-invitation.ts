import { and, eq, isNull } from "drizzle-orm";
import { AppError } from "../../model/app-error";
import { requireRole } from "../actor";
import { audit } from "../audit/audit";
import { withTransaction, type ControlContext } from "../context";
import { invitation } from "../db/schema/accounts";
import { idText, parseInput } from "../input";
import { auditedInvitation } from "./invitation";

/** Makes its link void. @throws AppError forbidden, bad-body, not-found, control-unavailable */
export async function revokeInvitation(ctx: ControlContext, id: unknown): Promise<void> {
  requireRole(ctx, "admin");
  const invitationId = parseInput(idText, id);
  await withTransaction(ctx, async (tx, inside) => {
    const [row] = await tx
      .delete(invitation)
      .where(and(eq(invitation.id, invitationId), isNull(invitation.acceptedAt)))
      .returning();
    if (!row) throw new AppError("not-found", `There is no open invitation ${JSON.stringify(invitationId)}.`);
    await audit(inside, {
      action: "invitation.revoke",
      entityId: row.id,
      before: auditedInvitation(row),
      after: null,
    });
  });
}
