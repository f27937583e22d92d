import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { type ControlPlane } from "~/control/control-plane";
import { listProblemRules } from "~/control/problem-rule/list-problem-rules";
import { mergeProblem } from "~/control/problem-rule/merge-problem";
import type { KeptRule, RuledProblem } from "~/control/problem-rule/problem-rule";
import { RuleKeeper } from "~/control/problem-rule/rule-keeper";
import { splitProblem } from "~/control/problem-rule/split-problem";
import { undoProblemRule } from "~/control/problem-rule/undo-problem-rule";
import { AppError } from "~/model/app-error";
import { NOW, onEveryDatabase, person, type ControlFixture } from "../support/control";
import { silentLog } from "../support/test-log";

const aProblem = (given: Partial<RuledProblem> = {}): RuledProblem => ({
  feed: "pipeline_events",
  id: randomUUID(),
  pipelineName: "orders",
  stageName: "load",
  error: "Timeout",
  ...given,
});

onEveryDatabase((control) => {
  const rulesOf = async ({ id }: RuledProblem) =>
    (await listProblemRules(control.as(person("viewer")))).filter(({ problemId }) => problemId === id);

  test("an operator merges and splits problems, everybody sees it, and it is undone", async () => {
    const operator = person("operator");
    const [one, other] = [aProblem(), aProblem()];
    const merge = await mergeProblem(control.as(operator), one, other);
    const { feed, id: problemId, pipelineName, stageName, error } = one;
    const common = { feed, problemId, pipelineName, stageName };
    expect(merge).toEqual({
      ...common,
      error,
      id: merge.id,
      kind: "merge",
      into: other.id,
      by: operator.name,
      createdAt: NOW,
    });
    const after = { ...common, kind: "merge", into: other.id };
    await control.expectAuditRow(operator, { action: "problem.merge", entityId: one.id, before: null, after });
    expect(await rulesOf(one)).toEqual([merge]);
    const split = await splitProblem(control.as(operator), other, { containing: " DB-7 " });
    expect(split).toMatchObject({ kind: "split", problemId: other.id, containing: "db-7" });
    expect(await undoProblemRule(control.as(person("operator")), merge.id)).toEqual(merge);
    expect(await rulesOf(one)).toEqual([]);
    expect(await rulesOf(other)).toEqual([split]);
    await expect(undoProblemRule(control.as(operator), merge.id)).rejects.toMatchObject({ code: "not-found" });
  });

  test("what cannot be is refused with its reason", async () => {
    const as = control.as(person("operator"));
    const problem = aProblem();
    const refused = (into: RuledProblem) => expect(mergeProblem(as, problem, into)).rejects;
    await refused(problem).toMatchObject({ code: "bad-parameter", message: /into itself/ });
    await refused(aProblem({ stageName: "read" })).toMatchObject({ code: "bad-parameter", message: /one stage/ });
    await mergeProblem(as, problem, aProblem());
    await refused(aProblem()).toMatchObject({ code: "conflict" });
    await splitProblem(as, problem, { containing: "a" });
    await expect(splitProblem(as, problem, { containing: "A" })).rejects.toMatchObject({ code: "conflict" });
    const viewer = control.as(person("viewer"));
    await expect(mergeProblem(viewer, aProblem(), aProblem())).rejects.toMatchObject({ code: "forbidden" });
    await expect(splitProblem(viewer, aProblem(), { containing: "a" })).rejects.toMatchObject({ code: "forbidden" });
  });

  test("rules of a feed that somebody may not read are not there for them", async () => {
    const problem = aProblem();
    const { id } = await splitProblem(control.as(person("operator")), problem, { containing: "x" });
    const stranger = control.as(person("operator", { feeds: { read: [], write: [] } }));
    expect(await listProblemRules(stranger)).toEqual([]);
    await expect(undoProblemRule(stranger, id)).rejects.toMatchObject({ code: "not-found" });
  });

  test("who groups by them keeps the last ones that could be read while the database is away", async () => {
    const applied: (readonly KeptRule[])[] = [];
    const plane = new SwitchedPlane(control);
    const { rights, clock } = control.as(person("operator"));
    const parts = { control: plane as unknown as ControlPlane, rights, clock, log: silentLog };
    const keeper = new RuleKeeper({ ...parts, apply: (rules) => applied.push(rules), everyMs: 1 << 30 });
    await keeper.look();
    expect(applied).toEqual([]);
    plane.state = { kind: "ready" };
    const problem = aProblem();
    const rule = await splitProblem(control.as(person("operator")), problem, { containing: "x" });
    await Promise.all([keeper.look(), keeper.look()]);
    expect(applied.at(-1)).toContainEqual(rule);
    const looks = applied.length;
    plane.isAway = true;
    await keeper.look();
    expect(applied).toHaveLength(looks);
    await keeper.close();
  });
});

/** The control plane of the suite, which can be starting and away. */
class SwitchedPlane {
  state: { kind: string } = { kind: "starting" };
  isAway = false;

  constructor(private readonly control: ControlFixture) {}

  database() {
    if (this.isAway) return Promise.reject(new AppError("control-unavailable", "away"));
    return Promise.resolve(this.control.db);
  }

  explain = (error: unknown) => error;
}
