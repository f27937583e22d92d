/** The pipelines of a past window from its outlined runs: the same rows that follow from folding all of its events. */
import type { OutlinedRuns } from "../lake/reader";
import type { AttemptFields } from "../model/attempt";
import type { Run } from "../model/batch";
import { compareRuns, emptyPipeline, summarisePipeline, type PipelineGroup } from "../model/pipeline";
import { compareNumbers } from "../model/sorted";
import type { Usual } from "../model/usual/usual";
import type { Row } from "../model/value";
import { summaryToRow } from "../model/view";
import { AttemptFold } from "../model/view-fold";

/** @returns rows of the view `pipelines`, in no order */
export function pipelinesOfRuns(
  fields: AttemptFields,
  { newest, others, undecided }: OutlinedRuns,
  usual: Usual,
): Row[] {
  const groups = new Map<string, PipelineGroup>();
  const enter = (pipelineName: string, run: Run) => {
    let group = groups.get(pipelineName);
    if (!group) groups.set(pipelineName, (group = emptyPipeline()));
    group.runs.push(run);
    group.counts[run.state]++;
    if (run.state === "completed") group.successes.push(run.endedAt!);
  };
  for (const { pipelineName, run } of newest) enter(pipelineName, run);
  for (const { runs } of new AttemptFold(fields, undecided).batchRuns())
    for (const [pipelineName, run] of runs) enter(pipelineName, run);
  const tallies = new Map(others.map(({ pipelineName, tally }) => [pipelineName, tally]));
  return [...groups].map(([pipelineName, group]) => {
    group.runs.sort(compareRuns);
    group.successes.sort(compareNumbers);
    const summary = summarisePipeline(pipelineName, group, usual, tallies.get(pipelineName) ?? null);
    return summaryToRow("pipelines", summary);
  });
}
