import { requireRole } from "../actor";
import type { ControlContext } from "../context";
import { idText, parseInput } from "../input";
import { findView, type SavedView } from "./saved-view";

/** One's own, a shared one or one of the program. @throws AppError not-found, bad-body, control-unavailable */
export async function getSavedView(ctx: ControlContext, id: unknown): Promise<SavedView> {
  requireRole(ctx, "viewer");
  return findView(ctx, parseInput(idText, id));
}
