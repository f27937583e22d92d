/** An account that waits for its person. No mail is sent: an admin gives the link to whom it is for. */
import type { InferSelectModel } from "drizzle-orm";
import type { FeedRights, Role } from "../actor";
import { type invitation } from "../db/schema/accounts";

export type InvitationRow = InferSelectModel<typeof invitation>;

export interface Invitation {
  id: string;
  email: string;
  role: Role;
  feeds: FeedRights;
  invitedBy: { id: string; name: string };
  /** Epoch ms. */
  createdAt: number;
  expiresAt: number;
}

export const INVITATION_MS = 7 * 24 * 3_600_000;

export const invitationOf = (row: InvitationRow): Invitation => ({
  id: row.id,
  email: row.email,
  role: row.role,
  feeds: { read: row.read ?? "all", write: row.write ?? "all" },
  invitedBy: { id: row.invitedById, name: row.invitedByName },
  createdAt: row.createdAt.getTime(),
  expiresAt: row.expiresAt.getTime(),
});

export const auditedInvitation = ({ email, role, read, write }: InvitationRow) => ({ email, role, read, write });
