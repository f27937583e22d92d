import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HOSTILE } from "../../tests/support/hostile-text";
import { answers, hitIn, marksIn, parseQuestion } from "./error-search";

const marked = (q: string, message: string) => {
  const { line, marks } = hitIn(parseQuestion(q), message);
  return marks.map(([start, end]) => line.slice(start, end));
};

describe("searching in errors", () => {
  it("takes words and phrases, all of which must be there in whatever case", () => {
    expect(parseQuestion(' Disk  "No Space left" ').terms).toEqual(["disk", "no space left"]);
    expect(answers(parseQuestion("TIME db"), "db-7: timeout")).toBe(true);
    expect(answers(parseQuestion('"db time"'), "db-7: timeout")).toBe(false);
    expect(answers(parseQuestion('"unclosed phrase'), "an UNCLOSED PHRASE")).toBe(true);
  });

  it.each(["", '  "" ', "x".repeat(301), "a b c d e f g h i j k"])("refuses %j with a sentence", (text) => {
    expect(() => parseQuestion(text)).toThrow(expect.objectContaining({ code: "bad-parameter" }));
  });

  it("shows the line that has most of the words, and marks them", () => {
    expect(hitIn(parseQuestion("key order"), "error:\n  key (id) of table\n  duplicate key in ORDERS\n").line).toBe(
      "duplicate key in ORDERS",
    );
    expect(marked("key order", "duplicate key in ORDERS")).toEqual(["key", "ORDER"]);
    expect(marked("aa", "aaa")).toEqual(["aa"]);
    expect(marked("ab bc", "xabcx")).toEqual(["abc"]);
  });

  it("cuts long lines around what was looked for", () => {
    const { line, marks } = hitIn(parseQuestion("needle"), `${"x".repeat(5_000)} needle ${"y".repeat(5_000)}`);
    expect(line.length).toBeLessThan(260);
    expect(marks.map(([a, b]) => line.slice(a, b))).toEqual(["needle"]);
  });

  it("marks nothing where lower case has another length, and never half a letter", () => {
    expect(marksIn("İx", ["x"])).toEqual([]);
  });

  it("comes back from any text, with marks inside of the line (invariant 8)", () => {
    const text = fc.oneof(
      fc.constantFrom(...HOSTILE),
      fc.string({ maxLength: 400 }),
      fc.string({ unit: "binary", maxLength: 400 }),
    );
    fc.assert(
      fc.property(text, fc.constantFrom("a", "script", "<", '"e x"', "é"), (message, q) => {
        const { line, marks } = hitIn(parseQuestion(q), message);
        let at = 0;
        for (const [start, end] of marks) {
          expect(start).toBeGreaterThanOrEqual(at);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(line.length);
          at = end;
        }
      }),
    );
  });
});
