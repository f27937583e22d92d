/** Everything that is known of one problem at one position: its failures, and when its stage completed. */
import { attemptFields, type Attempt } from "../model/attempt";
import type { Problem } from "../model/problem";
import type { Regrouping } from "../model/problem-rule";
import { AttemptFold } from "../model/view-fold";
import type { FeedPicture } from "./picture";

export interface ProblemStory {
  problem: Problem;
  /** Ascending by when they were last heard of. */
  failures: readonly Attempt[];
  /** When attempts of its stage completed, ascending. */
  completions: readonly number[];
}

/** @param regrouping by which the picture was grouped */
export function problemStory(
  { feed, rows, derived }: FeedPicture,
  regrouping: Regrouping,
  id: string,
): ProblemStory | null {
  const fields = attemptFields(feed);
  const known = derived?.problems.find((problem) => problem.id === id);
  if (!fields || !known) return null;
  const { pipelineName, stageName } = known;
  const own = rows.filter((row) => row[fields.stageName] === stageName && row[fields.pipelineName] === pipelineName);
  const fold = new AttemptFold(fields, own, { only: "problems", regrouping });
  const problem = fold.problem(id);
  return (
    problem && { problem, failures: fold.failuresOf(id), completions: fold.completionsOf(pipelineName, stageName) }
  );
}
