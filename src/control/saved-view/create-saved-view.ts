import { count, eq } from "drizzle-orm";
import { z } from "zod";
import { AppError } from "../../model/app-error";
import { requireFeed, requireRole } from "../actor";
import { audit } from "../audit/audit";
import { withTransaction, type ControlContext } from "../context";
import { savedView } from "../db/schema/saved-view";
import { lineOfText, parseInput } from "../input";
import { feedNameOf, pageState } from "./page-state";
import { auditedView, explainDuplicate, savedViewOf, type SavedView, type SavedViewRow } from "./saved-view";

const MAX_VIEWS = 500;

export const createSavedViewInput = z.strictObject({
  name: lineOfText(120),
  path: z.string(),
  search: z.string().default(""),
  visibility: z.enum(["private", "shared"]).default("private"),
});

/**
 * Keeps the state of a page. Whoever shares it with the team is at least an operator.
 *
 * @throws AppError forbidden, bad-parameter, bad-body, unknown-feed, conflict when the name is taken or there are too many,
 *   control-unavailable
 */
export async function createSavedView(ctx: ControlContext, input: unknown): Promise<SavedView> {
  requireRole(ctx, "viewer");
  const { name, visibility, ...page } = parseInput(createSavedViewInput, input);
  if (visibility === "shared") requireRole(ctx, "operator");
  const now = ctx.clock.now();
  const state = pageState(page, ctx.feeds, now);
  const feed = feedNameOf(state.path);
  if (feed !== null) requireFeed(ctx, "read", feed);
  const { id: ownerId, name: ownerName } = ctx.actor;
  const at = new Date(now);
  const row: SavedViewRow = {
    id: ctx.newId(),
    ownerId,
    ownerName,
    name,
    visibility,
    ...state,
    createdAt: at,
    updatedAt: at,
  };
  try {
    await withTransaction(ctx, async (tx, inside) => {
      const [own] = await tx.select({ n: count() }).from(savedView).where(eq(savedView.ownerId, ownerId));
      if (own!.n >= MAX_VIEWS)
        throw new AppError("conflict", `You have ${MAX_VIEWS} views, which is the most: delete one first.`);
      await tx.insert(savedView).values(row);
      await audit(inside, { action: "saved-view.create", entityId: row.id, before: null, after: auditedView(row) });
    });
  } catch (error) {
    throw explainDuplicate(error, name);
  }
  return savedViewOf(row, { starred: false, isDefault: false });
}
