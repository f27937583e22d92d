import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addressFault, fillTemplate, PLACEHOLDERS, templateFault } from "./link-template";

const VALUES = {
  pipeline: "orders daily",
  stage: "load/2",
  batch: "b?1",
  event: "e#1",
  attempt: "2",
  at: "2026-11-21",
};

describe("a link template", () => {
  it("is filled with encoded values", () => {
    expect(fillTemplate("https://logs.example.org/{pipeline}/{stage}?b={batch}&a={attempt}#{event}", VALUES)).toBe(
      "https://logs.example.org/orders%20daily/load%2F2?b=b%3F1&a=2#e%231",
    );
  });

  it("leads nowhere while a value that it needs is not known", () => {
    expect(fillTemplate("https://logs.example.org/{batch}", { pipeline: "orders" })).toBeNull();
    expect(fillTemplate("https://logs.example.org/{batch}", { batch: "" })).toBeNull();
  });

  it.each([
    ["javascript:alert({batch})", "must begin with"],
    ["//logs.example.org/{batch}", "must begin with"],
    ["https://{pipeline}.example.org/", "must name its host"],
    ["https://user:pass@example.org/", "must name its host"],
    ["https://example.org\\@evil.example/", "must name its host"],
    ["https://example.org:{attempt}/", "must name its host"],
    ["https:///{batch}", "must name its host"],
    ["https://example.org/{colour}", "has no value for {colour}"],
    ["https://example.org/{batch", "single braces"],
    ["https://example.org/a b", "must not have spaces"],
    ["https://example.org:99999/", "must be an address"],
  ])("%s is refused: it %s", (template, fault) => {
    expect(templateFault(template)).toContain(fault);
    expect(fillTemplate(template, VALUES)).toBeNull();
  });

  it("of a runbook has no gaps", () => {
    expect(addressFault("https://wiki.example.org/{pipeline}")).toContain("without placeholders");
    expect(addressFault("https://wiki.example.org/orders#late")).toBeNull();
  });

  it("never lets a value leave its place (invariant 8)", () => {
    const part = fc.constantFrom(...PLACEHOLDERS.map((name) => `{${name}}`), "x", "-", "a.b", "%2e", ".");
    const path = fc.array(
      fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("")),
      {
        maxLength: 4,
      },
    );
    const hostile = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string(),
      fc.constantFrom("..", ".", "/", "//evil.example", "\\", "@", "?", "#", "%2e%2e", "javascript:alert(1)", "\uD800"),
    );
    const values = fc.record(Object.fromEntries(PLACEHOLDERS.map((name) => [name, hostile])));
    fc.assert(
      fc.property(path, path, values, (inPath, inQuery, given) => {
        const template = `https://logs.example.org/${inPath.join("/")}?q=${inQuery.join("&r=")}`;
        const href = fillTemplate(template, given);
        if (href === null) return;
        const url = new URL(href);
        expect(url.origin).toBe("https://logs.example.org");
        expect(url.username + url.password + url.hash).toBe("");
        expect([...url.searchParams.keys()]).toHaveLength(Math.max(1, inQuery.length));
        expect(url.pathname.split("/").length).toBe(
          new URL(template.replaceAll(/\{\w+\}/g, "x")).pathname.split("/").length,
        );
      }),
      { numRuns: 200 },
    );
  });

  it("keeps each value as it is, for whoever decodes it", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: "grapheme" }), (batch) => {
        const href = fillTemplate("https://logs.example.org/?b={batch}", { batch });
        expect(new URL(href!).searchParams.get("b")).toBe(batch);
      }),
    );
  });
});
