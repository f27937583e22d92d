import { eq } from "drizzle-orm";
import { z } from "zod";
import { requireRole } from "../actor";
import { audit } from "../audit/audit";
import { withTransaction, type ControlContext } from "../context";
import { feedRights } from "../db/schema/accounts";
import { idText, parseInput } from "../input";
import { feedList, findPeople, lockUser, requireKnownFeeds, rowOfList, type Person } from "./person";

export const setFeedRightsInput = z.strictObject({ read: feedList, write: feedList });

/** @throws AppError forbidden, not-found, unknown-feed, bad-parameter, bad-body, control-unavailable */
export async function setFeedRights(ctx: ControlContext, id: unknown, input: unknown): Promise<Person> {
  requireRole(ctx, "admin");
  const userId = parseInput(idText, id);
  const { read, write } = parseInput(setFeedRightsInput, input);
  requireKnownFeeds(ctx, read, write);
  const changed = await withTransaction(ctx, async (tx, inside) => {
    await lockUser(inside, userId);
    const [row] = await tx.select().from(feedRights).where(eq(feedRights.userId, userId));
    const after = { read: rowOfList(read), write: rowOfList(write) };
    await tx
      .insert(feedRights)
      .values({ userId, ...after })
      .onConflictDoUpdate({ target: feedRights.userId, set: after });
    await audit(inside, {
      action: "user.set-feed-rights",
      entityId: userId,
      before: { read: row?.read ?? "all", write: row?.write ?? "all" },
      after: { read, write },
    });
    const [person] = await findPeople({ ...inside, now: ctx.clock.now() }, userId);
    return person!;
  });
  ctx.rights.announce({ actorId: userId, sessionId: null });
  return changed;
}
