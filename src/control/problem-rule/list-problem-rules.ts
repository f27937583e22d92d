import { asc } from "drizzle-orm";
import { mayUseFeed, requireRole } from "../actor";
import { withDatabase, type ControlContext } from "../context";
import { problemRule } from "../db/schema/problem-rule";
import { keptRuleOf, type KeptRule } from "./problem-rule";

/** Of feeds that the one who asks may read, the oldest first. @throws AppError forbidden, control-unavailable */
export async function listProblemRules(ctx: ControlContext): Promise<KeptRule[]> {
  requireRole(ctx, "viewer");
  const rows = await withDatabase(ctx, (db) =>
    db.select().from(problemRule).orderBy(asc(problemRule.createdAt), asc(problemRule.id)),
  );
  return rows.filter(({ feed }) => mayUseFeed(ctx.actor, "read", feed)).map(keptRuleOf);
}
