import { and, eq } from "drizzle-orm";
import { z } from "zod";
import { requireRole } from "../actor";
import { audit } from "../audit/audit";
import { withTransaction, type ControlContext } from "../context";
import { savedViewDefault } from "../db/schema/saved-view";
import { idText, parseInput } from "../input";
import { findView, type SavedView } from "./saved-view";

export const setDefaultViewInput = z.strictObject({ isDefault: z.boolean() });

/**
 * Makes it the view that opens when the one who asks comes to its page without a query, in place of the one before; or no
 * longer.
 *
 * @throws AppError not-found, bad-parameter, bad-body, control-unavailable
 */
export async function setDefaultView(ctx: ControlContext, id: unknown, input: unknown): Promise<SavedView> {
  requireRole(ctx, "viewer");
  const { isDefault } = parseInput(setDefaultViewInput, input);
  const viewId = parseInput(idText, id);
  return withTransaction(ctx, async (tx, inside) => {
    const view = await findView(inside, viewId);
    const { id: ownerId } = ctx.actor;
    const ofPage = and(eq(savedViewDefault.ownerId, ownerId), eq(savedViewDefault.path, view.path));
    const [known] = await tx.select().from(savedViewDefault).where(ofPage);
    if (view.isDefault === isDefault) return view;
    const chosen = { ownerId, path: view.path, viewId: view.id };
    const { ownerId: ofOwner, path } = savedViewDefault;
    if (!isDefault) await tx.delete(savedViewDefault).where(ofPage);
    else
      await tx
        .insert(savedViewDefault)
        .values(chosen)
        .onConflictDoUpdate({ target: [ofOwner, path], set: chosen });
    await audit(inside, {
      action: "saved-view.set-default",
      entityId: view.id,
      before: { path: view.path, viewId: known?.viewId ?? null },
      after: { path: view.path, viewId: isDefault ? view.id : null },
    });
    return { ...view, isDefault };
  });
}
