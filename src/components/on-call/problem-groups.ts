/** Unrecovered problems in the order in which an operator should look at them, grouped by pipeline and stage. Pure. */
import type { Problem } from "~/model/problem";
import { compareText } from "~/model/value";

export interface ProblemGroup {
  key: string;
  pipelineName: string;
  stageName: string;
  problems: readonly Problem[];
}

/** What the page knows of the problems; kept small enough to travel with it. */
export interface ProblemList {
  problems: readonly Problem[];
  recovered: number;
}

const RANK = { failing: 0, retrying: 1, recovered: 2 } as const;

const compareProblems = (a: Problem, b: Problem): number =>
  RANK[a.state] - RANK[b.state] || b.lastSeen - a.lastSeen || compareText(a.id, b.id);

export const unrecovered = (problems: Iterable<Problem>): Problem[] =>
  [...problems].filter(({ state }) => state !== "recovered").sort(compareProblems);

/** Groups stand where their worst problem stands. */
export function groupProblems(problems: readonly Problem[]): ProblemGroup[] {
  const groups = new Map<string, { pipelineName: string; stageName: string; problems: Problem[] }>();
  for (const problem of [...problems].sort(compareProblems)) {
    const { pipelineName, stageName } = problem;
    const key = `${pipelineName}\0${stageName}`;
    const group = groups.get(key);
    if (group) group.problems.push(problem);
    else groups.set(key, { pipelineName, stageName, problems: [problem] });
  }
  return [...groups].map(([key, group]) => ({ key, ...group }));
}
