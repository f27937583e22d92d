import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { requireRole } from "../actor";
import { audit } from "../audit/audit";
import { withTransaction, type ControlContext } from "../context";
import { savedViewStar } from "../db/schema/saved-view";
import { idText, parseInput } from "../input";
import { findView, type SavedView } from "./saved-view";

export const starSavedViewInput = z.strictObject({ starred: z.boolean() });

/** For the one who asks. @throws AppError not-found, bad-parameter, bad-body, control-unavailable */
export async function starSavedView(ctx: ControlContext, id: unknown, input: unknown): Promise<SavedView> {
  requireRole(ctx, "viewer");
  const { starred } = parseInput(starSavedViewInput, input);
  const viewId = parseInput(idText, id);
  return withTransaction(ctx, async (tx, inside) => {
    const view = await findView(inside, viewId);
    if (view.starred === starred) return view;
    const mark = { ownerId: ctx.actor.id, viewId: view.id };
    if (starred) await tx.insert(savedViewStar).values(mark).onConflictDoNothing();
    else
      await tx
        .delete(savedViewStar)
        .where(and(eq(savedViewStar.ownerId, mark.ownerId), eq(savedViewStar.viewId, mark.viewId)));
    await audit(inside, {
      action: "saved-view.star",
      entityId: view.id,
      before: { starred: view.starred },
      after: { starred },
    });
    return { ...view, starred };
  });
}
