import { z } from "zod";
import { requireRole } from "../actor";
import type { ControlContext } from "../context";
import { parseInput } from "../input";
import { dashboardName, keepNew } from "./create-dashboard";
import type { Dashboard } from "./dashboard";
import { layoutInput, parseLayout } from "./layout-input";

export const importDashboardInput = z.strictObject({
  weir: z.literal("dashboard", 'must be "dashboard": this is no exported dashboard'),
  name: dashboardName,
  layout: layoutInput,
});

/**
 * Makes a private dashboard of what `exportDashboard` of this or an older program gave.
 *
 * @throws AppError bad-parameter that names the path of what is wrong, bad-body, conflict, control-unavailable
 */
export async function importDashboard(ctx: ControlContext, input: unknown): Promise<Dashboard> {
  requireRole(ctx, "viewer");
  const { name, layout } = parseInput(importDashboardInput, input);
  return keepNew(ctx, {
    name,
    layout: parseLayout(ctx, layout, null),
    visibility: "private",
    action: "dashboard.import",
  });
}
