import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { instantAt } from "../../model/instant";
import { comparePositions, positionOf } from "../../model/position";
import { cutsOf, isPoint, rewritten, type CompletedCommit, type Cut } from "./cuts";

const commit = (begun: number, completed: number): CompletedCommit => ({
  instant: instantAt(1.8e12 + begun),
  completedAt: 1.8e12 + completed,
});

const completed = (commits: readonly CompletedCommit[]): Cut[] => cutsOf({ completed: commits, pending: [] }, true);
const marked = (commits: readonly CompletedCommit[], ...pending: readonly CompletedCommit[]): Cut[] =>
  cutsOf({ completed: commits, pending: pending.map(({ instant }) => instant) }, false);

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
    const cuts = completed([commit(5, 9), commit(0, 4), commit(10, 12)]);
    expect(cuts.map(({ completion, instant }) => `${completion}_${instant}`)).toEqual([
      `${instantAt(1.8e12 + 4)}_${instantAt(1.8e12)}`,
      `${instantAt(1.8e12 + 9)}_${instantAt(1.8e12 + 5)}`,
      `${instantAt(1.8e12 + 12)}_${instantAt(1.8e12 + 10)}`,
    ]);
  });

  it("leave out what was seen before a commit completed that had begun earlier", () => {
    const [first, overtaken, overtaking] = [commit(0, 1), commit(10, 30), commit(20, 25)];
    const before = completed([first, overtaking]);
    expect(before.at(-1)).toMatchObject({ instant: overtaking.instant });
    const after = completed([first, overtaken, overtaking]);
    expect(after.map(({ instant }) => instant)).toEqual([first.instant, overtaking.instant]);
    // The same instant, completed later: whoever stood at the head before goes forward.
    expect(comparePositions(positionOf("e", before.at(-1)!), positionOf("e", after.at(-1)!))).toBe(-1);
  });

  it("hold whole commits: all until their instant and none after it (invariant 5)", () => {
    fc.assert(
      fc.property(history, (commits) => {
        const cuts = completed(commits);
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
  const [first, late, head] = [commit(0, 1), commit(10, 40), commit(20, 21)];

  it("are every commit, marked while one that began earlier is pending", () => {
    expect(marked([head, first])).toEqual([first, head].map((plain) => ({ ...plain })));
    const [before, behind] = marked([first, head], late);
    expect(before).not.toHaveProperty("mark");
    expect(behind).toHaveProperty("mark");
  });

  it("are others once that one completes: whoever saw them without it starts again", () => {
    const seen = marked([first, head], late).at(-1)!;
    const now = marked([first, late, head]);
    expect(now.some((cut) => isPoint(cut, seen))).toBe(false);
    expect(comparePositions(positionOf("e", seen), positionOf("e", now.at(-1)!))).toBeNull();
  });

  it("stay the same when what lies before them is archived", () => {
    expect(marked([head]).at(-1)).toEqual(marked([first, head]).at(-1));
  });
});

describe("a timeline that contradicts what it was", () => {
  const [first, late, head] = [commit(0, 1), commit(10, 40), commit(20, 21)];
  const open = (...completed: CompletedCommit[]) => ({ completed, pending: [] });

  it("has lost a commit that was complete and is younger than what it still has", () => {
    expect(rewritten(open(first, head), open(first), true)).toEqual([head.instant]);
    expect(rewritten(open(first, late, head), open(first, head), true)).toEqual([late.instant]);
    expect(rewritten(open(first, late), open(late), true)).toEqual([]);
  });

  it("has a commit that nobody knew of behind others, where completion is not told", () => {
    expect(rewritten(open(first, head), open(first, late, head), false)).toEqual([late.instant]);
    expect(rewritten(open(first, head), open(first, late, head), true)).toEqual([]);
    const known = { completed: [first, head], pending: [late.instant] };
    expect(rewritten(known, open(first, late, head), false)).toEqual([]);
    expect(rewritten(open(first, late), open(first, late, head), false)).toEqual([]);
  });
});
