import { and, eq, isNull } from "drizzle-orm";
import { z } from "zod";
import { requireRole, ROLES } from "../actor";
import { audit } from "../audit/audit";
import { withTransaction, type ControlContext } from "../context";
import { invitation, user } from "../db/schema/accounts";
import { parseInput } from "../input";
import { emailTaken } from "./insert-person";
import { auditedInvitation, INVITATION_MS, invitationOf, type Invitation, type InvitationRow } from "./invitation";
import { hashOfLink, newLinkToken } from "./one-time-link";
import { emailText, feedList, requireKnownFeeds, rowOfList } from "./person";

export const inviteUserInput = z.strictObject({
  email: emailText,
  role: z.enum(ROLES, "must be viewer, operator or admin").default("viewer"),
  read: feedList.default("all"),
  write: feedList.default("all"),
});

/**
 * Makes a link with which one person makes their account, within a week. An earlier one for the same address is void.
 *
 * @returns the only time that the path of the link is told
 * @throws AppError forbidden, bad-parameter, bad-body, unknown-feed, conflict when somebody has the address, control-unavailable
 */
export async function inviteUser(ctx: ControlContext, input: unknown): Promise<Invitation & { path: string }> {
  requireRole(ctx, "admin");
  const { email, role, read, write } = parseInput(inviteUserInput, input);
  requireKnownFeeds(ctx, read, write);
  const token = newLinkToken();
  const now = ctx.clock.now();
  const row: InvitationRow = {
    id: ctx.newId(),
    email,
    role,
    read: rowOfList(read),
    write: rowOfList(write),
    tokenHash: hashOfLink(token),
    invitedById: ctx.actor.id,
    invitedByName: ctx.actor.name,
    createdAt: new Date(now),
    expiresAt: new Date(now + INVITATION_MS),
    acceptedAt: null,
  };
  await withTransaction(ctx, async (tx, inside) => {
    const [taken] = await tx.select({ id: user.id }).from(user).where(eq(user.email, email));
    if (taken) throw emailTaken(email);
    await tx.delete(invitation).where(and(eq(invitation.email, email), isNull(invitation.acceptedAt)));
    await tx.insert(invitation).values(row);
    await audit(inside, {
      action: "invitation.create",
      entityId: row.id,
      before: null,
      after: auditedInvitation(row),
    });
  });
  return { ...invitationOf(row), path: `/invitations/${token}` };
}
