import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keyOfRowId, rowId } from "./row-id";

/** Any UTF-16 text, lone surrogates and control characters included. */
const anyText = fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units));

describe("row ids", () => {
  it("give every key its own id and lead back to it (invariant 8)", () => {
    fc.assert(fc.property(fc.oneof(anyText, fc.string()), (key) => keyOfRowId(rowId(key)) === key));
  });

  it("hold no letter that markup, selectors or an HTML parser treat specially (invariant 8)", () => {
    fc.assert(fc.property(anyText, (key) => /^_[A-Za-z0-9_.:~-]*$/.test(rowId(key))));
  });

  it("stay short for ordinary keys", () => {
    expect(rowId("e-17")).toBe("_e-17");
    expect(rowId("0193a1f2-0000-7000-8000-000000000001")).toHaveLength(37);
  });

  it("keep hostile keys apart from the page's own ids and from each other", () => {
    expect(rowId("rows")).toBe("_rows");
    expect(rowId(`"><script>alert(1)</script>`)).not.toMatch(/[<>"]/);
    expect(rowId("a b")).not.toBe(rowId("a~0020b"));
    expect(rowId("\r\n")).not.toBe(rowId("\n"));
  });
});
