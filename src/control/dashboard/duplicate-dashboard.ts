import { z } from "zod";
import { storedLayout } from "../../model/dashboard-upgrade";
import { requireRole } from "../actor";
import type { ControlContext } from "../context";
import { idText, parseInput } from "../input";
import { dashboardName, keepNew } from "./create-dashboard";
import { findRow, type Dashboard } from "./dashboard";

export const duplicateDashboardInput = z.strictObject({ name: dashboardName.optional() });

/** A private copy for the one who asks. @throws AppError not-found, bad-parameter, bad-body, conflict, control-unavailable */
export async function duplicateDashboard(ctx: ControlContext, id: unknown, input: unknown): Promise<Dashboard> {
  requireRole(ctx, "viewer");
  const { name } = parseInput(duplicateDashboardInput, input);
  const row = await findRow(ctx, parseInput(idText, id));
  return keepNew(ctx, {
    name: name ?? `Copy of ${row.name}`.slice(0, 120),
    layout: storedLayout(row.layout),
    visibility: "private",
    action: "dashboard.duplicate",
  });
}
