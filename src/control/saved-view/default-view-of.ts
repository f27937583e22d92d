import { and, eq } from "drizzle-orm";
import { requireRole } from "../actor";
import { withDatabase, type ControlContext } from "../context";
import { savedViewDefault } from "../db/schema/saved-view";
import { AppError } from "../../model/app-error";
import { findView, type SavedView } from "./saved-view";

/**
 * The view that opens for the one who asks at a page without a query; null when none was chosen, or the one that was may be
 * seen no more.
 *
 * @throws AppError control-unavailable
 */
export async function defaultViewOf(ctx: ControlContext, path: string): Promise<SavedView | null> {
  requireRole(ctx, "viewer");
  const [chosen] = await withDatabase(ctx, (db) =>
    db
      .select()
      .from(savedViewDefault)
      .where(and(eq(savedViewDefault.ownerId, ctx.actor.id), eq(savedViewDefault.path, path))),
  );
  if (!chosen) return null;
  try {
    return await findView(ctx, chosen.viewId);
  } catch (error) {
    if (error instanceof AppError && error.code === "not-found") return null;
    throw error;
  }
}
