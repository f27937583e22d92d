import fc from "fast-check";
import { expect, test } from "vitest";
import { instantAt } from "./instant";
import { comparePositions, decideFrame, parsePosition, positionOf } from "./position";

const instant = fc.integer({ min: 1e12, max: 1e12 + 20 }).map(instantAt);
const position = fc.oneof(
  fc.constant("e1.0"),
  instant.map((i) => positionOf("e1", i)),
);

test("a position is an epoch and an instant, or 0 before the first commit", () => {
  expect(positionOf("ab12", "20261121090507042")).toBe("ab12.20261121090507042");
  expect(positionOf("ab12", null)).toBe("ab12.0");
  expect(parsePosition("ab12.0")).toEqual({ epoch: "ab12", instant: "0" });
});

test("a position of a table that others write tells when the last commit completed, or which commits were complete", () => {
  const completed = { instant: "20261121090507042", completion: "20261121090509001" };
  expect(positionOf("e1", completed)).toBe("e1.20261121090509001_20261121090507042");
  expect(parsePosition("e1.20261121090509001_20261121090507042")).toEqual({ epoch: "e1", ...completed });
  const marked = { instant: "20261121090507042", mark: "0a1b2c3d" };
  expect(positionOf("e1", marked)).toBe("e1.20261121090507042-0a1b2c3d");
  expect(parsePosition("e1.20261121090507042-0a1b2c3d")).toEqual({ epoch: "e1", ...marked });
});

test("positions that tell the completion order by it, whichever commit began first", () => {
  const late = "e1.20261121090509001_20261121090507042";
  expect(comparePositions("e1.20261121090508001_20261121090507042", late)).toBe(-1);
  expect(comparePositions("e1.20261121090508001_20261121090508000", late)).toBe(-1);
  expect(comparePositions("e1.0", late)).toBe(-1);
  expect(comparePositions(late, late)).toBe(0);
});

test("positions of one instant with other commits complete mean: start again", () => {
  expect(comparePositions("e1.20261121090507042-0a1b2c3d", "e1.20261121090507042-0a1b2c3e")).toBeNull();
  expect(comparePositions("e1.20261121090507041-0a1b2c3d", "e1.20261121090507042-0a1b2c3e")).toBe(-1);
  expect(
    decideFrame("e1.20261121090507042-0a1b2c3d", "e1.20261121090507042-00000000", "e1.20261121090508000-00000001"),
  ).toBe("reset");
});

test.each([
  "",
  "0",
  "ab12",
  "ab12.",
  "ab12.1",
  ".20261121090507042",
  "AB.0",
  "ab12.20261121090507042.1",
  "ab12.20261121090507042_",
  "ab12.20261121090507042-0a1b2c3",
  "ab12.20261121090507042_20261121090507042-0a1b2c3d",
  "ab12.0-0a1b2c3d",
  "a b.0",
  "x".repeat(17) + ".0",
])("%j is no position", (text) => {
  expect(parsePosition(text)).toBeNull();
  expect(comparePositions(text, "e1.0")).toBeNull();
  expect(decideFrame(text, "e1.0", "e1.20261121090507042")).toBe("reset");
});

test("positions of one epoch order as their instants, 0 before all; those of two epochs do not", () => {
  fc.assert(
    fc.property(position, position, (a, b) => {
      const order = comparePositions(a, b)!;
      expect(comparePositions(b, a)).toBe(order === 0 ? 0 : -order);
      expect(order === 0).toBe(a === b);
      expect(comparePositions(a, b.replace("e1", "e2"))).toBeNull();
    }),
  );
  expect(comparePositions("e1.0", "e1.20261121090507042")).toBe(-1);
});

test("a frame is applied exactly when from <= cursor < to (invariant 4)", () => {
  fc.assert(
    fc.property(position, position, position, (cursor, a, b) => {
      const [from, to] = comparePositions(a, b)! <= 0 ? [a, b] : [b, a];
      const isApplied = comparePositions(from, cursor)! <= 0 && comparePositions(cursor, to)! < 0;
      expect(decideFrame(cursor, from, to) === "apply").toBe(isApplied);
    }),
  );
});

test("a frame that is known is dropped, one that starts later tells of a gap, another epoch means start again", () => {
  const at = (n: number) => positionOf("e1", instantAt(1e12 + n));
  expect(decideFrame(at(5), at(3), at(5))).toBe("drop");
  expect(decideFrame(at(5), at(6), at(7))).toBe("gap");
  expect(decideFrame(at(5), "e2.0", positionOf("e2", instantAt(1e12 + 9)))).toBe("reset");
});

test("a follower that applies what it is told to stands where the last frame ends, whatever is repeated or missing", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(position, position), { maxLength: 30 }), (frames) => {
      let cursor = "e1.0";
      for (const [a, b] of frames) {
        const [from, to] = comparePositions(a, b)! <= 0 ? [a, b] : [b, a];
        const before = cursor;
        if (decideFrame(cursor, from, to) === "apply") cursor = to;
        expect(comparePositions(cursor, before)).not.toBe(-1);
      }
    }),
  );
});
