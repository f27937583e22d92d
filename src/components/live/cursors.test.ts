import { describe, expect, it } from "vitest";
import type { ViewDelta } from "~/model/delta";
import { Cursors } from "./cursors";

const at = (second: number) => `e1.202611210900${String(second).padStart(2, "0")}000`;

const delta = (
  from: number,
  to: number,
  up: readonly (readonly [string, number])[],
  del: string[] = [],
): ViewDelta => ({
  from: at(from),
  to: at(to),
  up,
  del,
  floor: null,
  at: to,
  counts: null,
});

const cursors = () => new Cursors([{ topic: "feeds/x", since: at(1), key: 0 }]);

function shown(of: Cursors): ViewDelta[] {
  const all: ViewDelta[] = [];
  of.flush((_topic, change) => all.push(change));
  return all;
}

describe("the cursors of a page", () => {
  it("take a frame that begins at or before them and ends after them, once (rule 16)", () => {
    const own = cursors();
    expect(own.take("feeds/x", delta(0, 2, [["a", 1]]))).toBe("taken");
    expect(own.take("feeds/x", delta(1, 2, [["a", 1]]))).toBe("known");
    expect(own.take("feeds/x", delta(3, 4, [["a", 1]]))).toBe("gap");
    expect(own.take("feeds/x", { ...delta(2, 3, []), from: "e2.0", to: "e2.20261121090003000" })).toBe("reset");
    expect(own.position("feeds/x")).toBe(at(2));
  });

  it("show gathered frames as one, the last value of each key (rule 17)", () => {
    const own = cursors();
    own.take(
      "feeds/x",
      delta(1, 2, [
        ["a", 1],
        ["b", 1],
      ]),
    );
    own.take("feeds/x", delta(2, 3, [["a", 2]], ["b"]));
    own.take("feeds/x", delta(3, 4, [["c", 1]], ["d"]));
    expect(shown(own)).toEqual([
      {
        ...delta(
          1,
          4,
          [
            ["a", 2],
            ["c", 1],
          ],
          ["b", "d"],
        ),
      },
    ]);
    expect(shown(own)).toEqual([]);
  });

  it("know a greeting that begins elsewhere for a gap (rule 18)", () => {
    const own = cursors();
    expect(own.greet("feeds/x", at(1))).toBe("known");
    expect(own.greet("feeds/x", at(2))).toBe("gap");
    expect(own.greet("feeds/x", at(0))).toBe("gap");
    expect(own.greet("feeds/x", "e2.0")).toBe("reset");
  });

  it("move by heartbeats, forwards only (rule 5)", () => {
    const own = cursors();
    own.bookmark("feeds/x", at(3));
    own.bookmark("feeds/x", at(2));
    expect(own.position("feeds/x")).toBe(at(3));
  });

  it("of topics that stay keep their place when others come and go (rule 27)", () => {
    const own = new Cursors([
      { topic: "feeds/x", since: at(1), key: 0 },
      { topic: "views/problems", since: at(1), key: 0 },
    ]);
    own.bookmark("feeds/x", at(3));
    own.retarget([
      { topic: "feeds/x", since: at(1), key: 0 },
      { topic: "views/pipelines", since: at(2), key: 0 },
    ]);
    expect(own.position("feeds/x")).toBe(at(3));
    expect(own.position("views/pipelines")).toBe(at(2));
    expect(own.position("views/problems")).toBeNull();
  });

  it("say in the address where each view stands (rule 9)", () => {
    const own = new Cursors([
      { topic: "feeds/x", since: at(1), key: 0 },
      { topic: "views/problems", since: at(2), key: 0 },
    ]);
    expect(own.query()).toBe(
      `topics=feeds%2Fx%2Cviews%2Fproblems&since=${encodeURIComponent(`feeds/x@${at(1)},views/problems@${at(2)}`)}`,
    );
  });
});
