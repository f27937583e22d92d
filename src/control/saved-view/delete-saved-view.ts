import { eq } from "drizzle-orm";
import { requireRole } from "../actor";
import { audit } from "../audit/audit";
import { withTransaction, type ControlContext } from "../context";
import { savedView, savedViewDefault, savedViewStar } from "../db/schema/saved-view";
import { idText, parseInput } from "../input";
import { lastShownOf, savedViewNamed } from "../last-shown";
import { auditedView, findRow, requireOwner } from "./saved-view";

/** With the stars and defaults that name it. @throws AppError not-found, forbidden, bad-body, control-unavailable */
export async function deleteSavedView(ctx: ControlContext, id: unknown): Promise<void> {
  requireRole(ctx, "viewer");
  const viewId = parseInput(idText, id);
  await withTransaction(ctx, async (tx, inside) => {
    const row = await findRow(inside, viewId);
    requireOwner(inside, row);
    await tx.delete(savedViewStar).where(eq(savedViewStar.viewId, viewId));
    await tx.delete(savedViewDefault).where(eq(savedViewDefault.viewId, viewId));
    await tx.delete(savedView).where(eq(savedView.id, viewId));
    await audit(inside, { action: "saved-view.delete", entityId: viewId, before: auditedView(row), after: null });
  });
  lastShownOf(ctx).withdraw(savedViewNamed(viewId));
}
