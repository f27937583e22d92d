import { asc, eq, getTableColumns, or, sql } from "drizzle-orm";
import { requireRole } from "../actor";
import { withDatabase, type ControlContext } from "../context";
import { dashboardLayouts } from "../db/schema/dashboard";
import { summaryOf, type DashboardSummary } from "./dashboard";

const MOST_LISTED = 1_000;

export interface ListedDashboard extends DashboardSummary {
  panels: number;
}

/** One's own and shared ones, by name, without their layouts. @throws AppError control-unavailable */
export async function listDashboards(ctx: ControlContext): Promise<ListedDashboard[]> {
  requireRole(ctx, "viewer");
  const { layout, ...columns } = getTableColumns(dashboardLayouts);
  const rows = await withDatabase(ctx, (db) =>
    db
      .select({ ...columns, panels: sql<number>`jsonb_array_length(${layout}->'panels')`.mapWith(Number) })
      .from(dashboardLayouts)
      .where(or(eq(dashboardLayouts.ownerId, ctx.actor.id), eq(dashboardLayouts.visibility, "shared")))
      .orderBy(asc(sql`lower(${dashboardLayouts.name})`), asc(dashboardLayouts.id))
      .limit(MOST_LISTED),
  );
  return rows.map((row) => ({ ...summaryOf(row, ctx.actor), panels: row.panels }));
}
