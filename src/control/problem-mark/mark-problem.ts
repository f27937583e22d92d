import { eq } from "drizzle-orm";
import { AppError } from "../../model/app-error";
import type { MarkKind, ProblemMark } from "../../model/problem-mark";
import { requireFeed, requireRole } from "../actor";
import { audit } from "../audit/audit";
import { withTransaction, type ControlContext } from "../context";
import { isDuplicate } from "../db/faults";
import { problemMark } from "../db/schema/problem-mark";
import { keepable, parseInput } from "../input";
import {
  auditedMark,
  LONGEST_MARK_MS,
  openMark,
  problemMarkInput,
  problemMarkOf,
  type MarkedProblem,
  type ProblemMarkRow,
} from "./problem-mark";

/** Says that somebody is on it. In place of the acknowledgement before. @throws AppError as `markProblem` */
export const acknowledgeProblem = (ctx: ControlContext, problem: MarkedProblem, input: unknown): Promise<ProblemMark> =>
  markProblem(ctx, "acknowledgement", problem, input);

/** Says that it does not count for a while. In place of the mute before. @throws AppError as `markProblem` */
export const muteProblem = (ctx: ControlContext, problem: MarkedProblem, input: unknown): Promise<ProblemMark> =>
  markProblem(ctx, "mute", problem, input);

/** @throws AppError forbidden, bad-parameter, bad-body, conflict when two do it at once, control-unavailable */
async function markProblem(
  ctx: ControlContext,
  kind: MarkKind,
  problem: MarkedProblem,
  input: unknown,
): Promise<ProblemMark> {
  requireRole(ctx, "operator");
  requireFeed(ctx, "read", problem.feed);
  const { reason, expiresAt } = parseInput(problemMarkInput, input);
  const now = ctx.clock.now();
  checkExpiry(expiresAt, now);
  const { id: authorId, name: authorName } = ctx.actor;
  const { feed, id: problemId, lastSeen } = problem;
  const row: ProblemMarkRow = {
    id: ctx.newId(),
    kind,
    ...{ feed, problemId, pipelineName: keepable(problem.pipelineName), stageName: keepable(problem.stageName) },
    error: keepable(problem.error),
    ...{ reason, authorId, authorName },
    seenAt: new Date(lastSeen),
    createdAt: new Date(now),
    expiresAt: new Date(expiresAt),
    endedAt: null,
    endedBecause: null,
  };
  try {
    await withTransaction(ctx, async (tx, inside) => {
      const before = await openMark(inside, problem, kind);
      if (before)
        await tx
          .update(problemMark)
          .set({ endedAt: new Date(now), endedBecause: "replaced" })
          .where(eq(problemMark.id, before.id));
      await tx.insert(problemMark).values(row);
      await audit(inside, {
        action: kind === "mute" ? "problem.mute" : "problem.acknowledge",
        entityId: problemId,
        before: before && auditedMark(before),
        after: auditedMark(row),
      });
    });
  } catch (fault) {
    if (!isDuplicate(fault, "problem_mark_in_force")) throw fault;
    const done = kind === "mute" ? "muted" : "acknowledged";
    throw new AppError("conflict", `Somebody else has ${done} it in this moment: look again.`, {}, { cause: fault });
  }
  return problemMarkOf(row);
}

function checkExpiry(expiresAt: number, now: number): void {
  if (expiresAt > now && expiresAt <= now + LONGEST_MARK_MS) return;
  const days = LONGEST_MARK_MS / 86_400_000;
  throw new AppError(
    "bad-parameter",
    `expiresAt: must be in the future and at most ${days} days away (it is ${expiresAt}, now is ${now}).`,
    { parameter: "expiresAt" },
  );
}
