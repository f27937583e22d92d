import { describe, expect, it } from "vitest";
import { paramsWithout, withParams, withoutParam } from "./page-url";

describe("addresses with something changed", () => {
  it("replace one parameter and keep the others", () => {
    expect(withParams("/feeds/x?status=FAILED&at=1", { at: "2" })).toBe("/feeds/x?status=FAILED&at=2");
    expect(withParams("/feeds/x?status=FAILED&at=1", { at: null })).toBe("/feeds/x?status=FAILED");
    expect(withParams("/", { at: null })).toBe("/");
  });

  it("go back to the first page of the answer", () => {
    expect(withParams("/feeds/x?after=abc&q=a", { q: "b" })).toBe("/feeds/x?q=b");
    expect(withParams("/feeds/x?q=a", { after: "abc" })).toBe("/feeds/x?q=a&after=abc");
  });

  it("take one of several values away", () => {
    expect(withoutParam("/f?c=a&c=b&d=c", "c", "a")).toBe("/f?d=c&c=b");
  });

  it("carry hostile values unchanged", () => {
    const value = `"><script>&a=b#c?d`;
    const made = withParams("/f", { q: value });
    expect(new URLSearchParams(made.split("?")[1]).get("q")).toBe(value);
  });

  it("list what a form must carry along", () => {
    expect(paramsWithout("/f?q=1&c!=x&after=z&at=9", ["q"])).toEqual([
      ["c!", "x"],
      ["at", "9"],
    ]);
  });
});
