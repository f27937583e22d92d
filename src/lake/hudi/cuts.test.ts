import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { instantAt } from "../../model/instant";
import { comparePositions, positionOf } from "../../model/position";
import { cutsOf, isPoint, MARKED, type CompletedCommit } from "./cuts";

const commit = (begun: number, completed: number): CompletedCommit => ({
  instant: instantAt(1.8e12 + begun),
  completedAt: 1.8e12 + completed,
});

/** Commits with distinct beginnings and completions, each completing after it began. */
const history = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 15 })), {
    minLength: 1,
    maxLength: 15,
    selector: ([begun]) => begun,
  })
  .map((pairs) => pairs.map(([begun, took], i) => commit(begun * 100, (begun + took) * 100 + i)));

describe("cuts of a table that tells when commits completed", () => {
  it("are every commit of a single writer, in order", () => {
    const cuts = cutsOf([commit(5, 9), commit(0, 4), commit(10, 12)], true);
    expect(cuts.map(({ completion, instant }) => `${completion}_${instant}`)).toEqual([
      `${instantAt(1.8e12 + 4)}_${instantAt(1.8e12)}`,
      `${instantAt(1.8e12 + 9)}_${instantAt(1.8e12 + 5)}`,
      `${instantAt(1.8e12 + 12)}_${instantAt(1.8e12 + 10)}`,
    ]);
  });

  it("leave out what was seen before a commit completed that had begun earlier", () => {
    const [first, overtaken, overtaking] = [commit(0, 1), commit(10, 30), commit(20, 25)];
    const before = cutsOf([first, overtaking], true);
    expect(before.at(-1)).toMatchObject({ instant: overtaking.instant });
    const after = cutsOf([first, overtaken, overtaking], true);
    expect(after.map(({ instant }) => instant)).toEqual([first.instant, overtaking.instant]);
    // The same instant, completed later: whoever stood at the head before goes forward.
    expect(comparePositions(positionOf("e", before.at(-1)!), positionOf("e", after.at(-1)!))).toBe(-1);
  });

  it("hold whole commits: all until their instant and none after it (invariant 5)", () => {
    fc.assert(
      fc.property(history, (commits) => {
        const cuts = cutsOf(commits, true);
        expect(cuts.at(-1)).toMatchObject({ completedAt: Math.max(...commits.map((c) => c.completedAt!)) });
        for (const { instant, completedAt } of cuts) {
          for (const other of commits) expect(other.instant <= instant).toBe(other.completedAt! <= completedAt!);
        }
        const positions = cuts.map((cut) => positionOf("e", cut));
        for (let i = 1; i < positions.length; i++) {
          expect(comparePositions(positions[i - 1]!, positions[i]!)).toBe(-1);
          expect(cuts[i - 1]!.instant < cuts[i]!.instant).toBe(true);
        }
      }),
    );
  });
});

describe("cuts of a table that does not", () => {
  it("are marked: a commit that completes late changes every later one", () => {
    const before = cutsOf([commit(0, 1), commit(20, 21), commit(30, 31)], false);
    const after = cutsOf([commit(0, 1), commit(10, 40), commit(20, 21), commit(30, 31)], false);
    expect(isPoint(before[0]!, after[0]!)).toBe(true);
    expect(before[1]!.instant).toBe(after[2]!.instant);
    expect(isPoint(before[1]!, after[2]!)).toBe(false);
    expect(comparePositions(positionOf("e", before[2]!), positionOf("e", after[3]!))).toBeNull();
  });

  it("keep their marks when what lies far before them is archived", () => {
    const commits = Array.from({ length: MARKED + 10 }, (_, i) => commit(i * 10, i * 10 + 5));
    const archived = cutsOf(commits.slice(8), false);
    const whole = cutsOf(commits, false);
    expect(archived.at(-1)).toEqual(whole.at(-1));
  });
});
