import { eq } from "drizzle-orm";
import { z } from "zod";
import { requireRole } from "../actor";
import { audit } from "../audit/audit";
import { withTransaction, type ControlContext } from "../context";
import { dashboardLayouts } from "../db/schema/dashboard";
import { idText, parseInput } from "../input";
import { dashboardNamed, lastShownOf } from "../last-shown";
import { storedLayout } from "../../model/dashboard-upgrade";
import { dashboardName } from "./create-dashboard";
import { auditedChange, dashboardOf, findRow, requireEditor, requireRevision, type Dashboard } from "./dashboard";
import { layoutInput, parseLayout } from "./layout-input";

export const revisionSeen = z
  .int("must be the revision that you have seen")
  .min(1, "must be the revision that you have seen");

export const updateDashboardInput = z.strictObject({
  revision: revisionSeen,
  name: dashboardName.optional(),
  layout: layoutInput.optional(),
});

/**
 * Changes the members that are named, if nobody else did since.
 *
 * @throws AppError not-found, forbidden, bad-parameter, bad-body, conflict that tells who changed it, control-unavailable
 */
export async function updateDashboard(ctx: ControlContext, id: unknown, input: unknown): Promise<Dashboard> {
  requireRole(ctx, "viewer");
  const dashboardId = parseInput(idText, id);
  const { revision, name, layout } = parseInput(updateDashboardInput, input);
  const shown = lastShownOf(ctx);
  const { withdrawn } = shown;
  const dashboard = await withTransaction(ctx, async (tx, inside) => {
    const before = await findRow(inside, dashboardId);
    requireEditor(inside, before);
    requireRevision(before, revision);
    const after = {
      ...before,
      name: name ?? before.name,
      layout: layout === undefined ? before.layout : parseLayout(inside, layout, storedLayout(before.layout)),
      revision: revision + 1,
      updatedAt: new Date(ctx.clock.now()),
      updatedById: ctx.actor.id,
      updatedByName: ctx.actor.name,
    };
    await tx.update(dashboardLayouts).set(after).where(eq(dashboardLayouts.id, dashboardId));
    await audit(inside, { action: "dashboard.update", entityId: dashboardId, ...auditedChange(before, after) });
    return dashboardOf(after, ctx.actor);
  });
  // Somebody else may have taken it from whoever changed it, right after that.
  if (shown.withdrawn === withdrawn) shown.keep(ctx.actor, dashboardNamed(dashboardId), dashboard, ctx.clock.now());
  return dashboard;
}
