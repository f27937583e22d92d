import { describe, expect, it } from "vitest";
import { normaliseError } from "~/model/normalise-error";
import { errorMarkup, errorParts } from "./error-line";

const partsOf = (error: string) => errorParts(error, normaliseError(error).text);

const shown = (error: string) => partsOf(error).map(({ text, varies }) => (varies ? `[${text}]` : text)).join(""); // prettier-ignore

describe("the line of an error", () => {
  it.each([
    ["timeout after 30 s", "timeout after [30] s"],
    ["Timeout connecting to 10.0.0.7:5432", "Timeout connecting to [10.0.0.7:5432]"],
    ["/data/in/2026.csv is missing", "[/data/in/2026.csv] is missing"],
    ["HTTP 429: too many requests", "HTTP 429: too many requests"],
    ["no route to host", "no route to host"],
    ["42", "[42]"],
  ])("dims what differs between equal failures: %s", (error, expected) => {
    expect(shown(error)).toBe(expected);
  });

  it("loses nothing of what was reported", () => {
    for (const error of ["a <n> b 7", "<n>", "x  1\ty\n2", "<<n>>3<n>", "  led by spaces 5", "é 1 ü"])
      expect(partsOf(error).map(({ text }) => text).join("")).toBe(error.trim().split("\n")[0]!.replace(/\s+/g, " ")); // prettier-ignore
  });

  it("is text and never markup (invariant 8)", () => {
    expect(errorMarkup(`<img src=x onerror=alert(1)> 17`, "<img src=x onerror=alert(<n>)> <n>")).toBe(
      "&lt;img src=x onerror=alert(<i>1</i>)&gt; <i>17</i>",
    );
  });
});
