import { and, eq, ne } from "drizzle-orm";
import { z } from "zod";
import { requireFeed, requireRole } from "../actor";
import { audit } from "../audit/audit";
import { withTransaction, type ControlContext, type TxContext } from "../context";
import { savedView, savedViewDefault, savedViewStar } from "../db/schema/saved-view";
import { idText, lineOfText, parseInput } from "../input";
import { lastShownOf, savedViewNamed } from "../last-shown";
import { feedNameOf, pageState } from "./page-state";
import {
  auditedView,
  explainDuplicate,
  findRow,
  findView,
  requireOwner,
  type SavedView,
  type SavedViewRow,
} from "./saved-view";

export const updateSavedViewInput = z
  .strictObject({
    name: lineOfText(120),
    path: z.string(),
    search: z.string(),
    visibility: z.enum(["private", "shared"]),
  })
  .partial();

/**
 * Changes the members that are named.
 *
 * @throws AppError not-found, forbidden, bad-parameter, bad-body, conflict, control-unavailable
 */
export async function updateSavedView(ctx: ControlContext, id: unknown, input: unknown): Promise<SavedView> {
  requireRole(ctx, "viewer");
  const viewId = parseInput(idText, id);
  const changes = parseInput(updateSavedViewInput, input);
  if (changes.visibility === "shared") requireRole(ctx, "operator");
  const now = ctx.clock.now();
  try {
    const { view, isTakenBack } = await withTransaction(ctx, async (tx, inside) => {
      const before = await findRow(inside, viewId);
      requireOwner(inside, before);
      const {
        name = before.name,
        path = before.path,
        search = before.search,
        visibility = before.visibility,
      } = changes;
      const state = pageState({ path, search }, ctx.feeds, now);
      const feed = feedNameOf(state.path);
      if (feed !== null) requireFeed(ctx, "read", feed);
      const after: SavedViewRow = { ...before, name, visibility, ...state, updatedAt: new Date(now) };
      await tx.update(savedView).set(after).where(eq(savedView.id, viewId));
      await forgetMarks(inside, before, after);
      await audit(inside, {
        action: "saved-view.update",
        entityId: viewId,
        before: auditedView(before),
        after: auditedView(after),
      });
      return { view: await findView(inside, viewId), isTakenBack: isNoLongerShared(before, after) };
    });
    if (isTakenBack) lastShownOf(ctx).withdraw(savedViewNamed(viewId));
    return view;
  } catch (error) {
    throw explainDuplicate(error, changes.name ?? "of this name");
  }
}

/** What is no longer shared is nobody else's star or default; of another page, it opens none. */
async function forgetMarks({ tx }: TxContext, before: SavedViewRow, after: SavedViewRow): Promise<void> {
  const { id, ownerId } = before;
  if (isNoLongerShared(before, after)) {
    await tx.delete(savedViewStar).where(and(eq(savedViewStar.viewId, id), ne(savedViewStar.ownerId, ownerId)));
    await tx
      .delete(savedViewDefault)
      .where(and(eq(savedViewDefault.viewId, id), ne(savedViewDefault.ownerId, ownerId)));
  }
  if (before.path !== after.path) await tx.delete(savedViewDefault).where(eq(savedViewDefault.viewId, id));
}

const isNoLongerShared = (before: SavedViewRow, after: SavedViewRow): boolean =>
  before.visibility === "shared" && after.visibility === "private";
