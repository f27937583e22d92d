/** A kept state of a page, as verbs and API give it. */
import type { InferSelectModel } from "drizzle-orm";
import { AppError } from "../../model/app-error";
import { mayUseFeed, type Actor } from "../actor";
import { withDatabase, type ControlContext } from "../context";
import { savedView, savedViewDefault, savedViewStar } from "../db/schema/saved-view";
import { isDuplicate } from "../db/faults";
import { and, eq } from "drizzle-orm";
import { ownPipelines } from "../pipeline-owner/own-pipelines";
import { feedNameOf } from "./page-state";
import { MINE, systemViews } from "./system-views";

export interface SavedView {
  id: string;
  name: string;
  path: string;
  /** Without question mark. */
  search: string;
  /** Path and query together. */
  href: string;
  /** `shared` = with everybody who may see the feed; `system` = it comes with the program. */
  visibility: "private" | "shared" | "system";
  /** Null of those that come with the program. */
  owner: { id: string; name: string } | null;
  /** Of the one who asks. */
  starred: boolean;
  isDefault: boolean;
  /** Epoch ms; null of those that come with the program. */
  createdAt: number | null;
  updatedAt: number | null;
}

export type SavedViewRow = InferSelectModel<typeof savedView>;

/** What is the reader's own about a view. */
export interface Marks {
  starred: boolean;
  isDefault: boolean;
}

export const hrefOf = (path: string, search: string): string => (search === "" ? path : `${path}?${search}`);

export const savedViewOf = (row: SavedViewRow, marks: Marks): SavedView => ({
  id: row.id,
  name: row.name,
  path: row.path,
  search: row.search,
  href: hrefOf(row.path, row.search),
  visibility: row.visibility,
  owner: { id: row.ownerId, name: row.ownerName },
  ...marks,
  createdAt: row.createdAt.getTime(),
  updatedAt: row.updatedAt.getTime(),
});

/** What the audit log keeps of a view. */
export const auditedView = ({ name, path, search, visibility, ownerId }: SavedViewRow) => ({
  name,
  path,
  search,
  visibility,
  ownerId,
});

/** One's own, and shared ones of feeds that one may read. */
export function maySee(
  actor: Actor,
  { visibility, ownerId, path }: Pick<SavedViewRow, "visibility" | "ownerId" | "path">,
) {
  if (visibility !== "shared" && ownerId !== actor.id) return false;
  const feed = feedNameOf(path);
  return feed === null || mayUseFeed(actor, "read", feed);
}

/**
 * In a transaction the row is held until its end, so that who changes it changes what was looked at.
 *
 * @throws AppError not-found, also for what others keep to themselves: that it exists is theirs too
 */
export async function findRow(ctx: ControlContext, id: string): Promise<SavedViewRow> {
  const [row] = await withDatabase(ctx, (db) => {
    const query = db.select().from(savedView).where(eq(savedView.id, id));
    return ctx.tx ? query.for("update") : query;
  });
  if (row && maySee(ctx.actor, row)) return row;
  throw notFound(id);
}

/** Kept by somebody or of the program. @throws AppError not-found */
export async function findView(ctx: ControlContext, id: string): Promise<SavedView> {
  const mine = id === MINE ? await ownPipelines(ctx) : [];
  const ofProgram = systemViews(ctx, mine).find((view) => view.id === id) ?? null;
  const row = ofProgram ? null : await findRow(ctx, id);
  const marks = await marksOf(ctx, id);
  return row ? savedViewOf(row, marks) : { ...ofProgram!, ...marks };
}

async function marksOf(ctx: ControlContext, id: string): Promise<Marks> {
  const { actor } = ctx;
  const [star, chosen] = await withDatabase(ctx, async (db) => [
    await db
      .select()
      .from(savedViewStar)
      .where(and(eq(savedViewStar.ownerId, actor.id), eq(savedViewStar.viewId, id))),
    await db
      .select()
      .from(savedViewDefault)
      .where(and(eq(savedViewDefault.ownerId, actor.id), eq(savedViewDefault.viewId, id))),
  ]);
  return { starred: star!.length > 0, isDefault: chosen!.length > 0 };
}

/** One's own may be changed; what is shared, by an admin too. @throws AppError forbidden */
export function requireOwner({ actor }: ControlContext, row: SavedViewRow): void {
  if (row.ownerId === actor.id || actor.role === "admin") return;
  throw new AppError(
    "forbidden",
    `The view ${JSON.stringify(row.name)} is ${row.ownerName}'s: only its owner or an admin changes it.`,
  );
}

/** Names are unique among the shared ones and among each person's own, in any case of letters. */
export function explainDuplicate(error: unknown, name: string): unknown {
  for (const [index, whose] of [
    ["saved_view_private_name", "You have"],
    ["saved_view_shared_name", "The team has"],
  ] as const)
    if (isDuplicate(error, index))
      return new AppError(
        "conflict",
        `${whose} a view ${JSON.stringify(name)} already: choose another name.`,
        {},
        { cause: error },
      );
  return error;
}

export const notFound = (id: string): AppError =>
  new AppError("not-found", `There is no saved view ${JSON.stringify(id)} that you may see.`);
