import type { ControlContext } from "../context";
import { listSavedViews } from "./list-saved-views";
import type { SavedView } from "./saved-view";

/**
 * The view that opens for the one who asks at a page without a query; null when none was chosen, or the one that was may be
 * seen no more.
 *
 * @throws AppError control-unavailable
 */
export async function defaultViewOf(ctx: ControlContext, path: string): Promise<SavedView | null> {
  const views = await listSavedViews(ctx);
  return views.find((view) => view.isDefault && view.path === path) ?? null;
}
