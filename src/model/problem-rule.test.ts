import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HOSTILE } from "../../tests/support/hostile-text";
import { Regrouping, splitId, type ProblemRule } from "./problem-rule";

const merge = (problemId: string, into: string): ProblemRule => ({
  id: "r",
  feed: "f",
  kind: "merge",
  problemId,
  into,
});
const split = (problemId: string, containing: string): ProblemRule => ({
  id: "r",
  feed: "f",
  kind: "split",
  problemId,
  containing,
});

describe("what people decide about which failures are one problem", () => {
  it("takes the failures of a merged problem to the other one, over several merges", () => {
    const rules = new Regrouping([merge("a", "b"), merge("b", "c")]);
    expect(rules.place("a", "x")).toEqual({ id: "c", isMerged: true });
    expect(rules.place("c", "x")).toEqual({ id: "c", isMerged: false });
    expect(rules.standsFor("a")).toBe("c");
    expect(rules.standsFor("z")).toBe("z");
  });

  it("takes out what has the text, in whatever case, and leaves the rest", () => {
    const rules = new Regrouping([split("a", "DB-7")]);
    expect(rules.place("a", "refused by db-7:5432").id).toBe(splitId("a", "db-7"));
    expect(rules.place("a", "refused by db-8:5432").id).toBe("a");
    expect(rules.containingOf(splitId("a", "db-7"))).toBe("DB-7");
  });

  it("splits what was merged, and merges what was split off", () => {
    const off = splitId("b", "db-7");
    const rules = new Regrouping([merge("a", "b"), split("b", "db-7"), merge(off, "c")]);
    expect(rules.place("a", "db-7").id).toBe("c");
    expect(rules.place("b", "db-8").id).toBe("b");
  });

  it("ends where a way comes back, so that what was split off and merged back is as before", () => {
    const rules = new Regrouping([split("a", "x"), merge(splitId("a", "x"), "a")]);
    expect(rules.place("a", "x").id).toBe("a");
    const ring = new Regrouping([merge("a", "b"), merge("b", "a")]);
    expect(new Set([ring.place("a", "").id, ring.place("b", "").id])).toEqual(new Set(["a", "b"]));
    expect(ring.standsFor("a")).toBe(ring.place("a", "").id);
  });

  it("has another version for other rules, and none without", () => {
    expect(new Regrouping([]).version).toBe("");
    expect(new Regrouping([]).isEmpty).toBe(true);
    const version = (...rules: ProblemRule[]) => new Regrouping(rules).version;
    expect(version(merge("a", "b"))).toBe(version(merge("a", "b")));
    expect(version(merge("a", "b"))).not.toBe(version(merge("b", "a")));
    expect(version(split("a", "b"))).not.toBe(version(merge("a", "b")));
  });

  it("comes to an end and says the same again, whatever the rules and the text", () => {
    const id = fc.constantFrom("a", "b", "c", splitId("a", "x"), splitId("b", "x"));
    const rule = fc.oneof(
      fc.tuple(id, id).map(([from, into]) => merge(from, into)),
      fc.tuple(id, fc.constantFrom("x", "y", ...HOSTILE)).map(([from, text]) => split(from, text)),
    );
    fc.assert(
      fc.property(
        fc.array(rule, { maxLength: 30 }),
        id,
        fc.constantFrom("x", "xy", ...HOSTILE),
        (rules, from, line) => {
          const placed = new Regrouping(rules).place(from, line);
          expect(new Regrouping(rules).place(from, line)).toEqual(placed);
        },
      ),
    );
  });
});
