import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { notMerged } from "./ties";

const at = (n: number) => String(20261121090000000n + BigInt(n));
/** Commits as `name@instant`; without a name they are the embedded engine's, which gives log and state one instant. */
const commit = (text: string) => {
  const [name, instant] = text.split("@") as [string, string];
  return { instant: at(Number(instant)), batchId: name === "" ? null : name };
};
const ahead = (log: string, state: string) => {
  const words = (text: string) => text.split(" ").filter((word) => word !== "");
  return notMerged(words(log).map(commit), words(state).map(commit).reverse()).map(
    ({ batchId, instant }) => batchId ?? instant,
  );
};

describe("what the state has yet to take of the log (invariant 2)", () => {
  it("is nothing where each commit is tied to one of the state, by its batch or its instant", () => {
    expect(ahead("a@1 b@3 c@5", "a@2 b@4 c@6")).toEqual([]);
    expect(ahead("@1 @2 c@5", "@1 @2 c@6")).toEqual([]);
  });

  it("is the newest ones after a crash between the two statements, and everything of a state that is empty", () => {
    expect(ahead("a@1 b@3 c@5", "a@2")).toEqual(["b", "c"]);
    expect(ahead("a@1 b@3", "")).toEqual(["a", "b"]);
  });

  it("begins with a hole, and goes on with all that came after it", () => {
    expect(ahead("a@1 b@3 c@5 d@7", "a@2 c@6 d@8")).toEqual(["b", "c", "d"]);
  });

  it("goes on where making up for a hole was cut short, and ends there", () => {
    expect(ahead("a@1 b@3 c@5 d@7", "a@2 c@6 d@8 b@9")).toEqual(["c", "d"]);
    expect(ahead("a@1 b@3 c@5 d@7", "a@2 c@6 d@8 b@9 c@10")).toEqual(["d"]);
    expect(ahead("a@1 b@3 c@5 d@7", "a@2 c@6 d@8 b@9 c@10 d@11")).toEqual([]);
  });

  it("has nothing of what left the state's timeline long ago", () => {
    expect(ahead("a@1 b@3 c@5", "b@4 c@6")).toEqual([]);
  });

  it("is nothing any more once all of it was merged in its order, wherever that was cut short", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: 9 })), fc.array(fc.nat(9)), (inState, stops) => {
        const log = Array.from({ length: 10 }, (_, n) => ({ instant: at(n), batchId: `b${n}` }));
        let clock = 100;
        const state = inState.toSorted((a, b) => a - b).map((n) => ({ instant: at(clock++), batchId: `b${n}` }));
        for (const stop of [...stops, 10]) {
          const missing = notMerged(log, state.toReversed());
          for (const { batchId } of missing.slice(0, stop)) state.push({ instant: at(clock++), batchId });
        }
        expect(notMerged(log, state.toReversed())).toEqual([]);
      }),
    );
  });
});
