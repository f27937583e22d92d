import { count, eq } from "drizzle-orm";
import { z } from "zod";
import { AppError } from "../../model/app-error";
import { EMPTY_LAYOUT, type Layout } from "../../model/dashboard";
import { requireRole } from "../actor";
import { audit } from "../audit/audit";
import { withTransaction, type ControlContext } from "../context";
import { dashboardLayouts } from "../db/schema/dashboard";
import { lineOfText, parseInput } from "../input";
import { audited, dashboardOf, type Dashboard, type DashboardRow } from "./dashboard";
import { layoutInput, parseLayout } from "./layout-input";

const MAX_DASHBOARDS = 200;

export const dashboardName = lineOfText(120);

export const createDashboardInput = z.strictObject({
  name: dashboardName,
  layout: layoutInput.optional(),
  visibility: z.enum(["private", "shared"]).default("private"),
});

/**
 * A new dashboard, empty unless a layout is given. Whoever shares it with the team is at least an operator.
 *
 * @throws AppError forbidden, bad-parameter, bad-body, conflict when there are too many, control-unavailable
 */
export async function createDashboard(ctx: ControlContext, input: unknown): Promise<Dashboard> {
  requireRole(ctx, "viewer");
  const { name, layout, visibility } = parseInput(createDashboardInput, input);
  if (visibility === "shared") requireRole(ctx, "operator");
  const parsed = layout === undefined ? EMPTY_LAYOUT : parseLayout(ctx, layout, null);
  return keepNew(ctx, { name, layout: parsed, visibility, action: "dashboard.create" });
}

/** A row of its own for the one who asks. @throws AppError conflict, control-unavailable */
export async function keepNew(
  ctx: ControlContext,
  given: {
    name: string;
    layout: Layout;
    visibility: "private" | "shared";
    action: "dashboard.create" | "dashboard.duplicate" | "dashboard.import";
  },
): Promise<Dashboard> {
  const { action, ...what } = given;
  const { id: ownerId, name: ownerName } = ctx.actor;
  const at = new Date(ctx.clock.now());
  const row: DashboardRow = {
    id: ctx.newId(),
    ownerId,
    ownerName,
    ...what,
    revision: 1,
    createdAt: at,
    updatedAt: at,
    updatedById: ownerId,
    updatedByName: ownerName,
  };
  return withTransaction(ctx, async (tx, inside) => {
    const [own] = await tx.select({ n: count() }).from(dashboardLayouts).where(eq(dashboardLayouts.ownerId, ownerId));
    if (own!.n >= MAX_DASHBOARDS)
      throw new AppError("conflict", `You have ${MAX_DASHBOARDS} dashboards, which is the most: delete one first.`);
    await tx.insert(dashboardLayouts).values(row);
    await audit(inside, { action, entityId: row.id, before: null, after: audited(row) });
    return dashboardOf(row, ctx.actor);
  });
}
