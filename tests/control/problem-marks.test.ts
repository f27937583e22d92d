import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { lookOnce } from "~/control/problem-mark/acknowledgement-keeper";
import { endMark, withdrawMark } from "~/control/problem-mark/end-mark";
import { listMarks, listMarksOf } from "~/control/problem-mark/list-marks";
import { acknowledgeProblem, muteProblem } from "~/control/problem-mark/mark-problem";
import type { MarkedProblem } from "~/control/problem-mark/problem-mark";
import { SYSTEM } from "~/control/actor";
import { NOW, onEveryDatabase, person } from "../support/control";

const HOUR = 3_600_000;
const aProblem = (given: Partial<MarkedProblem> = {}): MarkedProblem => ({
  feed: "pipeline_events",
  id: randomUUID(),
  pipelineName: "orders",
  stageName: "load",
  error: "Timeout",
  lastSeen: NOW - 1_000,
  ...given,
});
const wanted = { reason: "the warehouse is being moved", expiresAt: NOW + HOUR };

onEveryDatabase((control) => {
  test("an operator acknowledges and mutes a problem, everybody sees it, and both are in the audit log", async () => {
    const [operator, viewer] = [person("operator"), person("viewer")];
    const problem = aProblem();
    const mark = await acknowledgeProblem(control.as(operator), problem, wanted);
    expect(mark).toEqual({
      id: mark.id,
      kind: "acknowledgement",
      feed: problem.feed,
      problemId: problem.id,
      ...wanted,
      by: operator.name,
      seenAt: problem.lastSeen,
      createdAt: NOW,
    });
    await control.expectAuditRow(operator, {
      action: "problem.acknowledge",
      entityId: problem.id,
      before: null,
      after: {
        kind: "acknowledgement",
        problemId: problem.id,
        feed: problem.feed,
        pipelineName: "orders",
        stageName: "load",
        ...wanted,
      },
    });
    const mute = await muteProblem(control.as(operator), problem, wanted);
    const seen = (await listMarks(control.as(viewer))).filter(({ problemId }) => problemId === problem.id);
    expect(new Set(seen)).toEqual(new Set([mark, mute]));
    expect(await listMarksOf(control.as(viewer), problem)).toHaveLength(2);
  });

  test("another one takes the place of the one before", async () => {
    const [anna, ben] = [person("operator"), person("operator")];
    const problem = aProblem();
    await acknowledgeProblem(control.as(anna), problem, wanted);
    const second = await acknowledgeProblem(control.as(ben), problem, { ...wanted, reason: "mine now" });
    expect((await listMarks(control.as(ben))).filter(({ problemId }) => problemId === problem.id)).toEqual([second]);
    expect((await listMarksOf(control.as(ben), problem)).map(({ endedBecause }) => endedBecause).sort()).toEqual([
      null,
      "replaced",
    ]);
  });

  test("they end at their expiry by themselves, and one that has expired is not in the way", async () => {
    const operator = person("operator");
    const problem = aProblem();
    await muteProblem(control.as(operator), problem, wanted);
    const later = control.as(operator, { clock: { now: () => wanted.expiresAt } });
    expect((await listMarks(later)).filter(({ problemId }) => problemId === problem.id)).toEqual([]);
    expect(await listMarksOf(later, problem)).toMatchObject([
      { endedBecause: "expired", endedAt: wanted.expiresAt, reason: wanted.reason },
    ]);
    await expect(withdrawMark(later, problem, "mute")).rejects.toMatchObject({ code: "not-found" });
    const again = await muteProblem(later, problem, { ...wanted, expiresAt: wanted.expiresAt + 1 });
    expect((await listMarks(later)).filter(({ problemId }) => problemId === problem.id)).toEqual([again]);
  });

  test("any operator withdraws one; what has ended is not ended again", async () => {
    const [anna, ben] = [person("operator"), person("operator")];
    const problem = aProblem();
    await acknowledgeProblem(control.as(anna), problem, wanted);
    await withdrawMark(control.as(ben), problem, "acknowledgement");
    expect(await listMarksOf(control.as(ben), problem)).toMatchObject([{ endedBecause: "withdrawn", endedAt: NOW }]);
    await expect(withdrawMark(control.as(ben), problem, "acknowledgement")).rejects.toMatchObject({
      code: "not-found",
    });
    await control.expectAuditRow(ben, {
      action: "problem.unacknowledge",
      entityId: problem.id,
      before: expect.objectContaining({ reason: wanted.reason }) as object,
      after: { because: "withdrawn" },
    });
    expect(await endMark(control.as(SYSTEM), problem, "acknowledgement", "failed-anew")).toBe(false);
  });

  test("of two who do it at once one wins and the other is told, or comes after", async () => {
    const problem = aProblem();
    const both = await Promise.allSettled(
      [person("operator"), person("operator")].map((who) => acknowledgeProblem(control.as(who), problem, wanted)),
    );
    for (const one of both) if (one.status === "rejected") expect(one.reason).toMatchObject({ code: "conflict" });
    const inForce = (await listMarks(control.as(person("viewer")))).filter(({ problemId }) => problemId === problem.id);
    expect(inForce).toHaveLength(1);
  });

  test("an acknowledgement of what failed anew is ended by the program, once, and a mute is left", async () => {
    const operator = person("operator");
    const [anew, same] = [aProblem(), aProblem()];
    for (const problem of [anew, same]) await acknowledgeProblem(control.as(operator), problem, wanted);
    await muteProblem(control.as(operator), anew, wanted);
    const told: string[] = [];
    const { control: plane, rights, clock } = control.as(SYSTEM);
    const look = () =>
      lookOnce({
        control: plane,
        rights,
        clock,
        isOutdated: ({ problemId }) => problemId === anew.id,
        onEnded: ({ problemId }) => told.push(problemId),
      });
    await look();
    await look();
    expect(told).toEqual([anew.id]);
    expect(
      (await listMarksOf(control.as(operator), anew)).map(({ kind, endedBecause }) => [kind, endedBecause]),
    ).toEqual(
      expect.arrayContaining([
        ["acknowledgement", "failed-anew"],
        ["mute", null],
      ]),
    );
    expect(await listMarksOf(control.as(operator), same)).toMatchObject([{ endedBecause: null }]);
    expect(await control.lastAudit("problem", anew.id)).toMatchObject({
      action: "problem.unacknowledge",
      actorKind: "system",
      after: { because: "failed-anew" },
    });
  });

  test("viewers mark nothing, and nobody a problem of a feed that they may not read", async () => {
    const problem = aProblem();
    await muteProblem(control.as(person("operator")), problem, wanted);
    const viewer = control.as(person("viewer"));
    const outsider = control.as(person("operator", { feeds: { read: [], write: "all" } }));
    for (const who of [viewer, outsider]) {
      await expect(acknowledgeProblem(who, problem, wanted)).rejects.toMatchObject({ code: "forbidden" });
      await expect(muteProblem(who, problem, wanted)).rejects.toMatchObject({ code: "forbidden" });
      await expect(withdrawMark(who, problem, "mute")).rejects.toMatchObject({ code: "forbidden" });
    }
    expect(await listMarks(outsider)).toEqual([]);
    await expect(listMarksOf(outsider, problem)).rejects.toMatchObject({ code: "forbidden" });
  });

  test.each([
    [{ ...wanted, reason: " " }, "bad-parameter", "reason"],
    [{ ...wanted, reason: "x".repeat(501) }, "bad-parameter", "reason"],
    [{ expiresAt: NOW + HOUR }, "bad-parameter", "reason"],
    [{ ...wanted, expiresAt: NOW }, "bad-parameter", "expiresAt"],
    [{ ...wanted, expiresAt: NOW + 31 * 24 * HOUR }, "bad-parameter", "expiresAt"],
    [{ ...wanted, expiresAt: "tomorrow" }, "bad-parameter", "expiresAt"],
    [{ ...wanted, expiresAt: 1.5 }, "bad-parameter", "expiresAt"],
    [{ ...wanted, colour: "red" }, "bad-body", undefined],
    [[], "bad-body", undefined],
  ])("%j is refused and changes nothing", async (input, code, parameter) => {
    const problem = aProblem();
    for (const mark of [acknowledgeProblem, muteProblem])
      await expect(mark(control.as(person("operator")), problem, input)).rejects.toMatchObject({
        code,
        details: parameter === undefined ? {} : { parameter },
      });
    expect(await control.lastAudit("problem", problem.id)).toBeNull();
  });
});
