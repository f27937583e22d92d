import { eq } from "drizzle-orm";
import { z } from "zod";
import { requireRole } from "../actor";
import { audit } from "../audit/audit";
import { withTransaction, type ControlContext } from "../context";
import { dashboardLayouts } from "../db/schema/dashboard";
import { idText, parseInput } from "../input";
import { DASHBOARDS, dashboardNamed, lastShownOf } from "../last-shown";
import { auditedChange, dashboardOf, findRow, requireOwner, type Dashboard } from "./dashboard";

export const shareDashboardInput = z.strictObject({ shared: z.boolean("must be true or false") });

/**
 * With the team, or back to its owner alone. What is on it does not change, and so its revision does not.
 *
 * @throws AppError not-found, forbidden, bad-parameter, bad-body, control-unavailable
 */
export async function shareDashboard(ctx: ControlContext, id: unknown, input: unknown): Promise<Dashboard> {
  requireRole(ctx, "viewer");
  const dashboardId = parseInput(idText, id);
  const { shared } = parseInput(shareDashboardInput, input);
  if (shared) requireRole(ctx, "operator");
  const dashboard = await withTransaction(ctx, async (tx, inside) => {
    const before = await findRow(inside, dashboardId);
    requireOwner(inside, before);
    const after = { ...before, visibility: shared ? ("shared" as const) : ("private" as const) };
    await tx.update(dashboardLayouts).set(after).where(eq(dashboardLayouts.id, dashboardId));
    const action = shared ? "dashboard.share" : "dashboard.unshare";
    await audit(inside, { action, entityId: dashboardId, ...auditedChange(before, after) });
    return dashboardOf(after, ctx.actor);
  });
  const shown = lastShownOf(ctx);
  if (!shared) shown.withdraw(dashboardNamed(dashboardId), DASHBOARDS);
  // An admin takes back what is another's, and does not see it any more.
  if (shared || dashboard.owner.id === ctx.actor.id)
    shown.keep(ctx.actor, dashboardNamed(dashboardId), dashboard, ctx.clock.now());
  return dashboard;
}
