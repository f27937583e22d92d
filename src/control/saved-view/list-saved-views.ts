import { asc, eq, or, sql } from "drizzle-orm";
import { requireRole } from "../actor";
import { withKept, type ControlContext } from "../context";
import { savedView, savedViewDefault, savedViewStar } from "../db/schema/saved-view";
import { maySee, savedViewOf, type SavedView } from "./saved-view";
import { ownPipelines } from "../pipeline-owner/own-pipelines";
import { systemViews } from "./system-views";

/**
 * Those that the one who asks may see: of the program, then one's own and shared ones by name.
 *
 * @throws AppError control-unavailable
 */
export async function listSavedViews(ctx: ControlContext): Promise<SavedView[]> {
  requireRole(ctx, "viewer");
  const { id } = ctx.actor;
  const mine = await ownPipelines(ctx);
  const { rows, stars, defaults } = await withKept(ctx, `saved views of ${id}`, async (db) => ({
    rows: await db
      .select()
      .from(savedView)
      .where(or(eq(savedView.ownerId, id), eq(savedView.visibility, "shared")))
      .orderBy(asc(sql`lower(${savedView.name})`), asc(savedView.id)),
    stars: await db.select().from(savedViewStar).where(eq(savedViewStar.ownerId, id)),
    defaults: await db.select().from(savedViewDefault).where(eq(savedViewDefault.ownerId, id)),
  }));
  const starred = new Set(stars.map(({ viewId }) => viewId));
  const chosen = new Set(defaults.map(({ viewId }) => viewId));
  const marksOf = (viewId: string) => ({ starred: starred.has(viewId), isDefault: chosen.has(viewId) });
  return [
    ...systemViews(ctx, mine).map((view) => ({ ...view, ...marksOf(view.id) })),
    ...rows.filter((row) => maySee(ctx.actor, row)).map((row) => savedViewOf(row, marksOf(row.id))),
  ];
}
