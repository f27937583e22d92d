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
  splitProblemInput,
  type KeptRule,
  type ProblemRuleRow,
  type RuledProblem,
} from "./problem-rule";

/**
 * Takes the failures whose error has a text in its first line out of a problem, those to come too.
 *
 * @throws AppError forbidden, bad-parameter, bad-body, conflict, control-unavailable
 */
export async function splitProblem(ctx: ControlContext, problem: RuledProblem, input: unknown): Promise<KeptRule> {
  requireRole(ctx, "operator");
  requireFeed(ctx, "read", problem.feed);
  const { containing } = parseInput(splitProblemInput, input);
  const row: ProblemRuleRow = {
    id: ctx.newId(),
    kind: "split",
    feed: problem.feed,
    problemId: parseInput(idText, problem.id),
    intoId: null,
    containing: containing.toLowerCase(),
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
      await audit(inside, { action: "problem.split", entityId: problem.id, before: null, after: auditedRule(row) });
    });
  } catch (fault) {
    if (!isDuplicate(fault, "problem_rule_split")) throw fault;
    const text = JSON.stringify(containing);
    throw new AppError("conflict", `What has ${text} was split off already.`, {}, { cause: fault });
  }
  return keptRuleOf(row);
}
