/** What calls and pages do to merge, split and undo: find the problems, do it, group by it at once, tell the open pages. */
import type { App } from "../app";
import type { ControlContext } from "../control/context";
import { mergeProblem } from "../control/problem-rule/merge-problem";
import { mergeProblemInput, splitProblemInput, type KeptRule } from "../control/problem-rule/problem-rule";
import { splitProblem } from "../control/problem-rule/split-problem";
import { undoProblemRule } from "../control/problem-rule/undo-problem-rule";
import { parseInput } from "../control/input";
import { AppError } from "../model/app-error";
import { firstLine } from "../model/normalise-error";
import { markedProblem } from "./problem-calls";

type Parts = Pick<App, "live" | "announceNote" | "grouping">;

/** @throws AppError as the verb, not-found */
export async function mergeInto(app: Parts, ctx: ControlContext, id: string, input: unknown): Promise<KeptRule> {
  const { problem } = markedProblem(app, ctx, id);
  const { into } = parseInput(mergeProblemInput, input);
  const rule = await mergeProblem(ctx, problem, markedProblem(app, ctx, into).problem);
  await applied(app, rule);
  return rule;
}

/** @throws AppError as the verb, not-found, bad-parameter when it would split nothing off, or all */
export async function splitOff(app: Parts, ctx: ControlContext, id: string, input: unknown): Promise<KeptRule> {
  const { problem } = markedProblem(app, ctx, id);
  const needle = parseInput(splitProblemInput, input).containing.toLowerCase();
  const failures = app.live.failuresOf(id);
  const found = failures.filter(({ error }) =>
    firstLine(error ?? "")
      .toLowerCase()
      .includes(needle),
  ).length;
  if (found === 0 || found === failures.length)
    throw new AppError(
      "bad-parameter",
      `containing: ${found === 0 ? "none" : "each"} of its ${failures.length} failures has ${JSON.stringify(needle)} in the first line of its error, so there is nothing to split.`,
      { parameter: "containing" },
    );
  const rule = await splitProblem(ctx, problem, input);
  await applied(app, rule);
  return rule;
}

/** @throws AppError as the verb */
export async function undoRule(app: Parts, ctx: ControlContext, ruleId: unknown): Promise<KeptRule> {
  const rule = await undoProblemRule(ctx, ruleId);
  await applied(app, rule);
  return rule;
}

/** The next answer is grouped by it, here; other processes hear of it, or look by themselves. */
async function applied({ live, grouping, announceNote }: Parts, rule: KeptRule): Promise<void> {
  await grouping.look();
  const view = live.views().find(({ view, feed }) => view === "problems" && feed.name === rule.feed);
  if (view) announceNote({ topic: `views/${view.name}`, kind: "grouping", ref: rule.problemId });
}
