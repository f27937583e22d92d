import { describe, expect, it } from "vitest";
import { safeUrl } from "./safe-url";

describe("links out of event text (invariant 8)", () => {
  it.each(["http://logs.example/run/1", "https://logs.example/a?b=c#d"])("accepts %s", (url) => {
    expect(safeUrl(url)).toBe(url);
  });

  it.each([
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " https://leading.space",
    "data:text/html,<script>alert(1)</script>",
    "//other.host/x",
    "/local",
    "https://user:secret@host/",
    "http://",
    "vbscript:x",
    "",
    null,
    7,
  ])("refuses %s", (text) => {
    expect(safeUrl(text)).toBeNull();
  });
});
