import { describe, expect, it } from "vitest";
import { batchHref, cellText, firstLine } from "./cell";
import { groupDigits } from "../ui/number-text";

describe("the text of a cell", () => {
  it("is the first line that says something, of bounded length", () => {
    expect(firstLine("\n  Timeout after 30 s  \n at x")).toBe("Timeout after 30 s");
    expect(firstLine("x".repeat(1_000))).toBe(`${"x".repeat(240)}…`);
    expect(firstLine(`${"x".repeat(239)}😀tail`)).toBe(`${"x".repeat(239)}…`);
    expect(firstLine("")).toBe("");
  });

  it("replaces letters that a parser would change, so that a patched cell equals a rendered one", () => {
    expect(firstLine("a\u0000b\ud800c\u001bd")).toBe("a\uFFFDb\uFFFDc\uFFFDd");
  });

  it("keeps every digit of large counts", () => {
    expect(groupDigits("9007199254740993")).toBe("9,007,199,254,740,993");
    expect(groupDigits("-1234")).toBe("-1,234");
    expect(groupDigits("12")).toBe("12");
  });

  it("writes each type in its way", () => {
    expect(cellText({ kind: "timestamp", unit: "millis" }, 1_795_256_100_123)).toBe("2026-11-21 10:15:00.123Z");
    expect(cellText({ kind: "timestamp", unit: "micros" }, 1_795_256_100_123_045)).toBe("2026-11-21 10:15:00.123045Z");
    expect(cellText({ kind: "date" }, 20_778)).toBe("2026-11-21");
    expect(cellText({ kind: "bytes" }, "aGVsbG8=")).toBe("5 bytes");
    expect(cellText({ kind: "map", values: { kind: "string" }, valuesNullable: false }, { a: "1" })).toBe('{"a":"1"}');
    expect(cellText({ kind: "boolean" }, false)).toBe("false");
    expect(cellText({ kind: "string" }, null)).toBe("");
  });
});

describe("the way to a batch", () => {
  it("is a path that keeps the whole id in one segment", () => {
    expect(batchHref("a/b?c#d%", null)).toBe("/batches/a%2Fb%3Fc%23d%25");
    expect(batchHref("\ud800", null)).toBe("/batches/%EF%BF%BD");
  });

  it("is a parameter for ids that no path can carry", () => {
    for (const id of ["", ".", ".."]) expect(batchHref(id, null)).toBe(`/batches/~?id=${id}`);
  });
});
