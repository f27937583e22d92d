import { eq } from "drizzle-orm";
import { AppError } from "../../model/app-error";
import type { MarkKind } from "../../model/problem-mark";
import { requireFeed, requireRole } from "../actor";
import { audit } from "../audit/audit";
import { withTransaction, type ControlContext } from "../context";
import { problemMark } from "../db/schema/problem-mark";
import { auditedMark, openMark, type MarkedProblem } from "./problem-mark";

/**
 * Ends an acknowledgement or a mute before it expires, whoever made it.
 *
 * @throws AppError forbidden, bad-body, not-found when none is in force, control-unavailable
 */
export async function withdrawMark(
  ctx: ControlContext,
  problem: Pick<MarkedProblem, "feed" | "id">,
  kind: MarkKind,
): Promise<void> {
  requireRole(ctx, "operator");
  requireFeed(ctx, "read", problem.feed);
  if (await endMark(ctx, problem, kind, "withdrawn")) return;
  throw new AppError("not-found", `The problem ${JSON.stringify(problem.id)} has no ${kind} in force.`);
}

/** @returns whether there was one in force */
export async function endMark(
  ctx: ControlContext,
  problem: Pick<MarkedProblem, "feed" | "id">,
  kind: MarkKind,
  because: "withdrawn" | "failed-anew",
): Promise<boolean> {
  const now = ctx.clock.now();
  return withTransaction(ctx, async (tx, inside) => {
    const row = await openMark(inside, problem, kind);
    if (!row || row.expiresAt.getTime() <= now) return false;
    await tx
      .update(problemMark)
      .set({ endedAt: new Date(now), endedBecause: because })
      .where(eq(problemMark.id, row.id));
    await audit(inside, {
      action: kind === "mute" ? "problem.unmute" : "problem.unacknowledge",
      entityId: problem.id,
      before: auditedMark(row),
      after: { because },
    });
    return true;
  });
}
