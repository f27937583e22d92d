/** A dashboard, as verbs and API give it. */
import { eq, type InferSelectModel } from "drizzle-orm";
import { AppError } from "../../model/app-error";
import type { Layout } from "../../model/dashboard";
import { storedLayout } from "../../model/dashboard-upgrade";
import { sameValue, type WireValue } from "../../model/value";
import { hasRole, type Actor } from "../actor";
import { withDatabase, type ControlContext } from "../context";
import { dashboardLayouts } from "../db/schema/dashboard";

export interface DashboardSummary {
  id: string;
  name: string;
  /** `shared` = everybody sees it, operators arrange it. */
  visibility: "private" | "shared";
  owner: { id: string; name: string };
  /** Counts changes; whoever changes it names the one that they have seen. */
  revision: number;
  /** Epoch ms. */
  createdAt: number;
  updatedAt: number;
  updatedBy: { id: string; name: string };
  /** Of the one who asks. */
  canEdit: boolean;
}

export interface Dashboard extends DashboardSummary {
  layout: Layout;
}

export type DashboardRow = InferSelectModel<typeof dashboardLayouts>;

export const summaryOf = (row: Omit<DashboardRow, "layout">, actor: Actor): DashboardSummary => ({
  id: row.id,
  name: row.name,
  visibility: row.visibility,
  owner: { id: row.ownerId, name: row.ownerName },
  revision: row.revision,
  createdAt: row.createdAt.getTime(),
  updatedAt: row.updatedAt.getTime(),
  updatedBy: { id: row.updatedById, name: row.updatedByName },
  canEdit: mayEdit(actor, row),
});

/** @throws AppError bad-body when a newer program kept its layout */
export const dashboardOf = (row: DashboardRow, actor: Actor): Dashboard => ({
  ...summaryOf(row, actor),
  layout: storedLayout(row.layout),
});

const isOwner = (actor: Actor, { ownerId }: Pick<DashboardRow, "ownerId">): boolean => ownerId === actor.id;

const mayEdit = (actor: Actor, row: Pick<DashboardRow, "ownerId" | "visibility">): boolean =>
  isOwner(actor, row) || (row.visibility === "shared" && hasRole(actor, "operator"));

/** What it is and what is on it is changed by its owner, and by operators when it is shared. @throws AppError forbidden */
export function requireEditor({ actor }: ControlContext, row: DashboardRow): void {
  if (mayEdit(actor, row)) return;
  throw new AppError(
    "forbidden",
    `The dashboard ${JSON.stringify(row.name)} is the team's: its owner ${row.ownerName} and operators change it. Duplicate it to have your own.`,
  );
}

/** Whether it is there, and for whom, is its owner's to say, and an admin's when it is shared. @throws AppError forbidden */
export function requireOwner({ actor }: ControlContext, row: DashboardRow): void {
  if (isOwner(actor, row) || hasRole(actor, "admin")) return;
  throw new AppError(
    "forbidden",
    `The dashboard ${JSON.stringify(row.name)} is ${row.ownerName}'s: only its owner or an admin does this.`,
  );
}

/**
 * In a transaction the row is held until its end, so that who changes it changes what was looked at.
 *
 * @throws AppError not-found, also for what others keep to themselves: that it exists is theirs too
 */
export async function findRow(ctx: ControlContext, id: string): Promise<DashboardRow> {
  const [row] = await withDatabase(ctx, (db) => {
    const query = db.select().from(dashboardLayouts).where(eq(dashboardLayouts.id, id));
    return ctx.tx ? query.for("update") : query;
  });
  if (row && (row.visibility === "shared" || isOwner(ctx.actor, row))) return row;
  throw new AppError("not-found", `There is no dashboard ${JSON.stringify(id)} that you may see.`);
}

/** Somebody else was faster. @throws AppError conflict that tells who and when */
export function requireRevision(row: DashboardRow, revision: number): void {
  if (row.revision === revision) return;
  const when = row.updatedAt.toISOString().slice(0, 19).replace("T", " ");
  throw new AppError(
    "conflict",
    `${row.updatedByName} changed this dashboard at ${when} UTC, after you loaded it (revision ${row.revision}, yours is ${revision}): load it again.`,
  );
}

/** What the audit log keeps of one. */
export const audited = ({ name, visibility, ownerId, revision, layout }: DashboardRow) => ({
  name,
  visibility,
  ownerId,
  revision,
  layout,
});

/** What the audit log keeps of a change: of the panels only those that differ, because a step of an arrow key is one too. */
export function auditedChange(before: DashboardRow, after: DashboardRow): { before: object; after: object } {
  const [left, right] = [storedLayout(before.layout).panels, storedLayout(after.layout).panels];
  const without = (panels: Layout["panels"], others: Layout["panels"]) =>
    panels.filter((panel) => {
      const other = others.find(({ id }) => id === panel.id);
      return !sameValue(panel as unknown as WireValue, (other ?? null) as unknown as WireValue);
    });
  const of = ({ layout: _, ...row }: ReturnType<typeof audited>, panels: Layout["panels"]) => ({ ...row, panels });
  return { before: of(audited(before), without(left, right)), after: of(audited(after), without(right, left)) };
}
