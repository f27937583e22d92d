import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hasFailedAnew, marksByProblem, nextExpiry, type MarkKind, type ProblemMark } from "./problem-mark";

const mark = (given: Partial<ProblemMark>): ProblemMark => ({
  id: "m",
  kind: "acknowledgement",
  feed: "f",
  problemId: "p",
  reason: "r",
  by: "Anna",
  seenAt: 0,
  createdAt: 0,
  expiresAt: 100,
  ...given,
});

describe("marks of problems", () => {
  it("hold until their expiry and not at it", () => {
    const marks = [mark({}), mark({ kind: "mute", expiresAt: 50 }), mark({ problemId: "q", expiresAt: 60 })];
    expect(marksByProblem(marks, 49).get("p")).toMatchObject({ acknowledgement: { expiresAt: 100 }, mute: {} });
    expect(marksByProblem(marks, 50).get("p")).toMatchObject({ mute: null });
    expect([...marksByProblem(marks, 60).keys()]).toEqual(["p"]);
    expect(marksByProblem(marks, 100).size).toBe(0);
    expect([0, 50, 99, 100].map((now) => nextExpiry(marks, now))).toEqual([50, 60, 100, null]);
  });

  it("of further failures without a completion between are still of the same trouble", () => {
    expect(hasFailedAnew(10, 30, [5, 10, 31])).toBe(false);
    expect(hasFailedAnew(10, 10, [12])).toBe(false);
    expect(hasFailedAnew(10, 30, [20])).toBe(true);
  });

  // The rule told as a story, with a clock that steps: whoever looks sees who is on it, and nobody when it is a new trouble.
  it("agree with a diary of what happened", () => {
    const steps = fc.array(
      fc.record({
        what: fc.constantFrom("fail", "complete", "acknowledge", "mute", "wait" as const),
        ms: fc.integer({ min: 1, max: 30 }),
      }),
      { minLength: 1, maxLength: 40 },
    );
    fc.assert(
      fc.property(steps, (story) => {
        let now = 1_000;
        let lastSeen: number | null = null;
        let hasCompletedSince = false;
        const completions: number[] = [];
        const kept = new Map<MarkKind, ProblemMark>();
        // The diary: is somebody on it, is it muted, said without looking at any list of completions.
        const diary = { onIt: 0, muted: 0 };
        for (const { what, ms } of story) {
          now += ms;
          if (what === "fail") {
            if (hasCompletedSince) diary.onIt = 0;
            [lastSeen, hasCompletedSince] = [now, false];
          }
          if (what === "complete") {
            completions.push(now);
            hasCompletedSince = true;
          }
          if ((what === "acknowledge" && !hasCompletedSince) || what === "mute") {
            if (lastSeen === null) continue;
            const kind = what === "mute" ? what : "acknowledgement";
            kept.set(kind, mark({ kind, seenAt: lastSeen, createdAt: now, expiresAt: now + 50 }));
            diary[what === "mute" ? "muted" : "onIt"] = now + 50;
          }
          const inForce = [...kept.values()].filter(
            ({ kind, seenAt }) => kind === "mute" || !hasFailedAnew(seenAt, lastSeen!, completions),
          );
          const { acknowledgement = null, mute = null } = marksByProblem(inForce, now).get("p") ?? {};
          expect([acknowledgement !== null, mute !== null]).toEqual([diary.onIt > now, diary.muted > now]);
        }
      }),
      { numRuns: 300 },
    );
  });
});
