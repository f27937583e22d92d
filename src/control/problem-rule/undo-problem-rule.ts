import { eq } from "drizzle-orm";
import { AppError } from "../../model/app-error";
import { mayUseFeed, requireRole } from "../actor";
import { audit } from "../audit/audit";
import { withTransaction, type ControlContext } from "../context";
import { problemRule } from "../db/schema/problem-rule";
import { idText, parseInput } from "../input";
import { auditedRule, keptRuleOf, type KeptRule } from "./problem-rule";

/**
 * Groups as before a merge or a split, whoever made it.
 *
 * @returns what it was
 * @throws AppError forbidden, bad-body, not-found, control-unavailable
 */
export async function undoProblemRule(ctx: ControlContext, given: unknown): Promise<KeptRule> {
  requireRole(ctx, "operator");
  const id = parseInput(idText, given);
  return withTransaction(ctx, async (tx, inside) => {
    const [row] = await tx.select().from(problemRule).where(eq(problemRule.id, id)).for("update");
    if (!row || !mayUseFeed(ctx.actor, "read", row.feed))
      throw new AppError("not-found", `There is no merge or split ${JSON.stringify(id)}: it may have been undone.`);
    await tx.delete(problemRule).where(eq(problemRule.id, id));
    const action = row.kind === "merge" ? "problem.undo-merge" : "problem.undo-split";
    await audit(inside, { action, entityId: row.problemId, before: auditedRule(row), after: null });
    return keptRuleOf(row);
  });
}
