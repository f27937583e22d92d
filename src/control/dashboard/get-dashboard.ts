import { requireRole } from "../actor";
import type { ControlContext } from "../context";
import { idText, parseInput } from "../input";
import { dashboardOf, findRow, type Dashboard } from "./dashboard";

/** One's own or a shared one, in the present shape. @throws AppError not-found, bad-body, control-unavailable */
export async function getDashboard(ctx: ControlContext, id: unknown): Promise<Dashboard> {
  requireRole(ctx, "viewer");
  return dashboardOf(await findRow(ctx, parseInput(idText, id)), ctx.actor);
}
