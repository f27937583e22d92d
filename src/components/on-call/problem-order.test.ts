import { describe, expect, it } from "vitest";
import { seededRandom } from "../../../tests/support/random";
import { compareProblems, isNew, NEW_MS } from "./problem-order";

const NOW = 1_000 * NEW_MS;
const problem = (id: string, more: Partial<Parameters<ReturnType<typeof compareProblems>>[0]> = {}) => ({
  id,
  state: "failing" as const,
  since: NOW - 10 * NEW_MS,
  batches: 1,
  ...more,
});
const order = (problems: ReturnType<typeof problem>[], muted: readonly string[] = []) =>
  problems.toSorted(compareProblems(NOW, (id) => muted.includes(id))).map(({ id }) => id);

describe("the order of problems", () => {
  it("is what fails before what is retried, new before known, wide before narrow, young before old", () => {
    const wide = problem("wide", { batches: 9 });
    const narrow = problem("narrow", { batches: 2 });
    const young = problem("young", { batches: 2, since: NOW - 2 * NEW_MS });
    const fresh = problem("fresh", { since: NOW - 1 });
    const retried = problem("retried", { state: "retrying" as never, batches: 99, since: NOW - 1 });
    expect(order([retried, narrow, wide, young, fresh])).toEqual(["fresh", "wide", "young", "narrow", "retried"]);
  });

  it("puts last what somebody has muted", () => {
    expect(order([problem("a", { batches: 9 }), problem("b")], ["a"])).toEqual(["b", "a"]);
  });

  it("ends being new after an hour", () => {
    expect(isNew({ since: NOW - NEW_MS + 1 }, NOW)).toBe(true);
    expect(isNew({ since: NOW - NEW_MS }, NOW)).toBe(false);
  });

  it("is one order, whatever order they come in", () => {
    const random = seededRandom(3);
    const problems = Array.from({ length: 200 }, (_, i) =>
      problem(`p-${i}`, {
        batches: random.int(1, 3),
        since: NOW - random.int(0, 3) * NEW_MS,
        state: random.pick(["failing", "retrying"]) as never,
      }),
    );
    const expected = order(problems);
    for (let round = 0; round < 20; round++) {
      const shuffled = problems.map((one) => [random.int(0, 1e9), one] as const).toSorted(([a], [b]) => a - b);
      expect(order(shuffled.map(([, one]) => one))).toEqual(expected);
    }
  });
});
