import { describe, expect, it } from "vitest";
import { attributeOfStyle, decimalText, groupDigits, styleOfAttribute } from "./number-text";

const german = { group: ".", decimal: "," };

describe("numbers as text", () => {
  it("has the letters of the reader between thousands and before decimals", () => {
    expect(groupDigits("1234567", german)).toBe("1.234.567");
    expect(decimalText("0.25", german)).toBe("0,25");
    expect(decimalText("1.5e+30", german)).toBe("1,5e+30");
  });

  it("is plain where nobody said anything", () => {
    expect(groupDigits("-1234")).toBe("-1,234");
    expect(decimalText("0.25")).toBe("0.25");
  });

  it("leaves what is no number", () => {
    expect(decimalText("NaN", german)).toBe("NaN");
    expect(decimalText("v1.2", german)).toBe("v1.2");
  });

  it("goes to the browser and back", () => {
    const french = { group: "\u202F", decimal: "," };
    expect(styleOfAttribute(attributeOfStyle(french))).toEqual(french);
    expect(groupDigits("1234", styleOfAttribute("<script>"))).toBe("1,234");
  });
});
