/** The difference of two instants in numbers, by pipeline and stage: what is looked at first when much has changed. */
import {
  changesBetween,
  countKinds,
  kindOf,
  noChanges,
  standingOf,
  type ChangeCounts,
  type ChangeKind,
  type RowChange,
  type Standing,
} from "./difference";
import type { BatchSummary } from "./batch";
import type { Problem } from "./problem";
import { compareText, type Row } from "./value";
import { rowToBatch, rowToProblem } from "./view";

/** A problem or a batch that is not the same at both instants. */
export interface Changed<T> {
  kind: ChangeKind;
  before: T | null;
  after: T | null;
}

export interface PipelineChange {
  pipelineName: string;
  /** By its problems. */
  before: Standing;
  after: Standing;
  problems: ChangeCounts;
  batches: ChangeCounts;
  stages: { stageName: string; problems: ChangeCounts }[];
}

export interface DifferenceSummary {
  problems: ChangeCounts;
  /** Problems that failed at both instants. */
  stillFailing: number;
  batches: ChangeCounts;
  /** Pipelines that began to fail, or fail no more. */
  pipelinesFailing: number;
  pipelinesRecovered: number;
  /** With whatever changed in them, the worst first. */
  pipelines: PipelineChange[];
}

export const changedProblems = (changes: readonly RowChange[]): Changed<Problem>[] =>
  changes.map(({ before, after }) => changed(before && rowToProblem(before), after && rowToProblem(after)));

export const changedBatches = (changes: readonly RowChange[]): Changed<BatchSummary>[] =>
  changes.map(({ before, after }) => changed(before && rowToBatch(before), after && rowToBatch(after)));

const changed = <T extends Problem | BatchSummary>(before: T | null, after: T | null): Changed<T> => ({
  kind: kindOf(before && before.state, after && after.state),
  before,
  after,
});

/** What changed among problems alone, which costs little. @param before, after rows of the view */
export function problemCounts(
  key: number,
  before: readonly Row[],
  after: readonly Row[],
): { problems: ChangeCounts; stillFailing: number } {
  const problems = changedProblems(changesBetween(key, before, after));
  return { problems: countKinds(problems.map(({ kind }) => kind)), stillFailing: stillFailing(before, problems) };
}

/** @param problemsBefore rows of the view at the earlier instant */
export function summarise(
  problemsBefore: readonly Row[],
  problems: readonly Changed<Problem>[],
  batches: readonly Changed<BatchSummary>[],
): DifferenceSummary {
  const pipelines = new Map<string, PipelineChange>();
  const of = (pipelineName: string): PipelineChange => {
    let own = pipelines.get(pipelineName);
    if (!own) {
      own = { pipelineName, before: "well", after: "well", problems: noChanges(), batches: noChanges(), stages: [] };
      pipelines.set(pipelineName, own);
    }
    return own;
  };
  for (const { kind, before, after } of problems) {
    const { pipelineName, stageName } = (after ?? before)!;
    const own = of(pipelineName);
    own.problems[kind]++;
    let stage = own.stages.find((one) => one.stageName === stageName);
    if (!stage) own.stages.push((stage = { stageName, problems: noChanges() }));
    stage.problems[kind]++;
  }
  for (const { kind, before, after } of batches)
    for (const name of (after ?? before)!.pipelines) of(name).batches[kind]++;
  const all = [...pipelines.values()];
  const states = statesByPipeline(problemsBefore, problems);
  for (const own of all) {
    own.before = standingOf(states.before.get(own.pipelineName) ?? []);
    own.after = standingOf(states.after.get(own.pipelineName) ?? []);
  }
  return {
    problems: countKinds(problems.map(({ kind }) => kind)),
    stillFailing: stillFailing(problemsBefore, problems),
    batches: countKinds(batches.map(({ kind }) => kind)),
    pipelinesFailing: all.filter(({ before, after }) => after === "failing" && before !== "failing").length,
    pipelinesRecovered: all.filter(({ before, after }) => after === "well" && before !== "well").length,
    pipelines: all.sort(worstFirst),
  };
}

function stillFailing(before: readonly Row[], problems: readonly Changed<Problem>[]): number {
  const failing = before.map(rowToProblem).filter(({ state }) => state === "failing").length;
  return failing - problems.filter((one) => one.before?.state === "failing" && one.after?.state !== "failing").length;
}

type States = Map<string, Problem["state"][]>;

function statesByPipeline(
  rows: readonly Row[],
  problems: readonly Changed<Problem>[],
): { before: States; after: States } {
  const [before, after]: [States, States] = [new Map(), new Map()];
  const add = (states: States, { pipelineName, state }: Problem) =>
    states.set(pipelineName, [...(states.get(pipelineName) ?? []), state]);
  const touched = new Set(problems.flatMap((one) => (one.before === null ? [] : [one.before.id])));
  for (const problem of rows.map(rowToProblem)) {
    add(before, problem);
    if (!touched.has(problem.id)) add(after, problem);
  }
  for (const one of problems) if (one.after !== null) add(after, one.after);
  return { before, after };
}

const worstFirst = (a: PipelineChange, b: PipelineChange): number =>
  b.problems.newlyFailing - a.problems.newlyFailing ||
  b.batches.newlyFailing - a.batches.newlyFailing ||
  b.problems.recovered - a.problems.recovered ||
  total(b.batches) - total(a.batches) ||
  compareText(a.pipelineName, b.pipelineName);

const total = (counts: ChangeCounts): number => Object.values(counts).reduce((sum, count) => sum + count, 0);
