/** Merges and splits of problems as verbs and API give them. What they do: `src/model/problem-rule.ts`. */
import type { InferSelectModel } from "drizzle-orm";
import { z } from "zod";
import { AppError } from "../../model/app-error";
import type { ProblemRule } from "../../model/problem-rule";
import { count, eq } from "drizzle-orm";
import type { TxContext } from "../context";
import { problemRule } from "../db/schema/problem-rule";
import { idText, lineOfText } from "../input";
import type { MarkedProblem } from "../problem-mark/problem-mark";

export type ProblemRuleRow = InferSelectModel<typeof problemRule>;

/** A problem that a rule is about, as its view has it. */
export type RuledProblem = Omit<MarkedProblem, "lastSeen">;

/** Each failure is asked about the rules of its problem: more of them than people look through help nobody. */
export const MOST_RULES = 500;

export const mergeProblemInput = z.strictObject({ into: idText });
export const splitProblemInput = z.strictObject({ containing: lineOfText(200) });

/** With what its problem was called, and whose decision it was. */
export type KeptRule = ProblemRule & {
  pipelineName: string;
  stageName: string;
  error: string;
  by: string;
  createdAt: number;
};

export function keptRuleOf(row: ProblemRuleRow): KeptRule {
  const { id, feed, problemId, pipelineName, stageName, error, authorName: by } = row;
  const common = { id, feed, problemId, pipelineName, stageName, error, by, createdAt: row.createdAt.getTime() };
  return row.kind === "merge"
    ? { ...common, kind: "merge", into: row.intoId! }
    : { ...common, kind: "split", containing: row.containing! };
}

/** What the audit log keeps of a rule. */
export const auditedRule = ({
  kind,
  feed,
  problemId,
  intoId,
  containing,
  pipelineName,
  stageName,
}: ProblemRuleRow) => ({
  kind,
  feed,
  problemId,
  pipelineName,
  stageName,
  ...(kind === "merge" ? { into: intoId } : { containing }),
});

/** @throws AppError conflict */
export async function requireRoom({ tx }: TxContext, feed: string): Promise<void> {
  const [all] = await tx.select({ n: count() }).from(problemRule).where(eq(problemRule.feed, feed));
  if (all!.n >= MOST_RULES)
    throw new AppError(
      "conflict",
      `Problems of ${feed} are merged and split ${MOST_RULES} times, which is the most: undo one first.`,
    );
}
