import { AppError } from "../../model/app-error";
import { requireFeed, requireRole } from "../actor";
import { audit } from "../audit/audit";
import { withTransaction, type ControlContext } from "../context";
import { isDuplicate } from "../db/faults";
import { problemRule } from "../db/schema/problem-rule";
import { idText, keepable, parseInput } from "../input";
import {
  auditedRule,
  keptRuleOf,
  requireRoom,
  type KeptRule,
  type ProblemRuleRow,
  type RuledProblem,
} from "./problem-rule";

/**
 * Takes the failures of one problem into another, those to come too.
 *
 * @throws AppError forbidden, bad-parameter when they are not of one stage, conflict, control-unavailable
 */
export async function mergeProblem(ctx: ControlContext, problem: RuledProblem, into: RuledProblem): Promise<KeptRule> {
  requireRole(ctx, "operator");
  requireFeed(ctx, "read", problem.feed);
  checkPair(problem, into);
  const row: ProblemRuleRow = {
    id: ctx.newId(),
    kind: "merge",
    feed: problem.feed,
    problemId: parseInput(idText, problem.id),
    intoId: parseInput(idText, into.id),
    containing: null,
    pipelineName: keepable(problem.pipelineName),
    stageName: keepable(problem.stageName),
    error: keepable(problem.error),
    authorId: ctx.actor.id,
    authorName: ctx.actor.name,
    createdAt: new Date(ctx.clock.now()),
  };
  try {
    await withTransaction(ctx, async (tx, inside) => {
      await requireRoom(inside, problem.feed);
      await tx.insert(problemRule).values(row);
      await audit(inside, { action: "problem.merge", entityId: problem.id, before: null, after: auditedRule(row) });
    });
  } catch (fault) {
    if (!isDuplicate(fault, "problem_rule_merge")) throw fault;
    throw new AppError("conflict", "It is merged into another problem already: undo that first.", {}, { cause: fault });
  }
  return keptRuleOf(row);
}

function checkPair(problem: RuledProblem, into: RuledProblem): void {
  const fail = (why: string): never => {
    throw new AppError("bad-parameter", `into: ${why}.`, { parameter: "into" });
  };
  if (problem.id === into.id) fail("a problem is not merged into itself");
  const isSameStage =
    problem.feed === into.feed && problem.pipelineName === into.pipelineName && problem.stageName === into.stageName;
  if (!isSameStage)
    fail(
      `problems are merged within one stage, because a stage recovers as a whole; this one is of ${problem.pipelineName} › ${problem.stageName}, the other of ${into.pipelineName} › ${into.stageName}`.slice(
        0,
        1_000,
      ),
    );
}
