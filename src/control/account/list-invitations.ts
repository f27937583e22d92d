import { and, asc, gt, isNull } from "drizzle-orm";
import { requireRole } from "../actor";
import { withDatabase, type ControlContext } from "../context";
import { invitation } from "../db/schema/accounts";
import { invitationOf, type Invitation } from "./invitation";

const MOST = 1_000;

/** Those that can still be accepted. For admins. @throws AppError forbidden, control-unavailable */
export async function listInvitations(ctx: ControlContext): Promise<Invitation[]> {
  requireRole(ctx, "admin");
  const rows = await withDatabase(ctx, (db) =>
    db
      .select()
      .from(invitation)
      .where(and(isNull(invitation.acceptedAt), gt(invitation.expiresAt, new Date(ctx.clock.now()))))
      .orderBy(asc(invitation.email))
      .limit(MOST),
  );
  return rows.map(invitationOf);
}
