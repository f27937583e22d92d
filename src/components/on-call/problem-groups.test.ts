import { describe, expect, it } from "vitest";
import type { Problem } from "~/model/problem";
import { groupProblems, unrecovered } from "./problem-groups";

const problem = (id: string, more: Partial<Problem>): Problem => ({
  id,
  pipelineName: "orders",
  stageName: "load",
  error: "Timeout",
  reason: "same pipeline, stage and error",
  state: "failing",
  firstSeen: 1,
  lastSeen: 1,
  count: 1,
  batches: 1,
  recoveredAt: null,
  since: 1,
  episodes: 1,
  trend: [],
  pattern: "Timeout",
  lastBatch: "b-1",
  ...more,
});

describe("problems on the on-call page", () => {
  it("leave out what has recovered", () => {
    const list = [problem("a", { state: "recovered", recoveredAt: 5 }), problem("b", {})];
    expect(unrecovered(list).map(({ id }) => id)).toEqual(["b"]);
  });

  it("are grouped by pipeline and stage, the worst and newest group first", () => {
    const groups = groupProblems([
      problem("a", { stageName: "extract", state: "retrying", lastSeen: 9 }),
      problem("b", { lastSeen: 3 }),
      problem("c", { lastSeen: 5, error: "Disk full" }),
    ]);
    expect(groups.map(({ stageName, problems }) => [stageName, problems.map(({ id }) => id)])).toEqual([
      ["load", ["c", "b"]],
      ["extract", ["a"]],
    ]);
  });

  it("keep pipelines apart whose names join to the same text", () => {
    const groups = groupProblems([
      problem("a", { pipelineName: "x", stageName: "y z" }),
      problem("b", { pipelineName: "x y", stageName: "z" }),
    ]);
    expect(groups).toHaveLength(2);
  });
});
