import { eq } from "drizzle-orm";
import { requireRole } from "../actor";
import { audit } from "../audit/audit";
import { withTransaction, type ControlContext } from "../context";
import { dashboardLayouts } from "../db/schema/dashboard";
import { idText, parseInput } from "../input";
import { DASHBOARDS, dashboardNamed, lastShownOf } from "../last-shown";
import { audited, findRow, requireOwner } from "./dashboard";

/** @throws AppError not-found, forbidden, bad-body, control-unavailable */
export async function deleteDashboard(ctx: ControlContext, id: unknown): Promise<void> {
  requireRole(ctx, "viewer");
  const dashboardId = parseInput(idText, id);
  await withTransaction(ctx, async (tx, inside) => {
    const row = await findRow(inside, dashboardId);
    requireOwner(inside, row);
    await tx.delete(dashboardLayouts).where(eq(dashboardLayouts.id, dashboardId));
    await audit(inside, { action: "dashboard.delete", entityId: dashboardId, before: audited(row), after: null });
  });
  lastShownOf(ctx).withdraw(dashboardNamed(dashboardId), DASHBOARDS);
}
