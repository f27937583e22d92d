import { describe, expect, it } from "vitest";
import { holds, keptForEver } from "./caching";

describe("what never changes", () => {
  it("may be kept by everybody, but only by its reader when a secret guards it", () => {
    expect(keptForEver({ secret: null })).toBe("public, max-age=31536000, immutable");
    expect(keptForEver({ secret: "0123456789abcdef" })).toBe("private, max-age=31536000, immutable");
  });
});

describe("If-None-Match", () => {
  it("is answered for one tag of a list, a weak one, or any", () => {
    for (const held of ['"a"', 'W/"a"', '"b", "a"', "*"]) expect(holds(held, '"a"')).toBe(true);
    for (const held of [null, "", '"b"', "a"]) expect(holds(held, '"a"')).toBe(false);
  });
});
