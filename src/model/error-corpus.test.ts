/** The rules of grouping against errors as many tools write them (tests/fixtures/errors). */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { normaliseError } from "./normalise-error";

interface Group {
  tool: string;
  /** Messages that are one problem, and no problem of any other group. */
  same: string[];
}

const groups = JSON.parse(
  readFileSync(new URL("../../tests/fixtures/errors/groups.json", import.meta.url), "utf8"),
) as Group[];

describe("errors of many tools", () => {
  it.each(groups)("$tool: $same.0 is one problem, whatever varies in it", ({ same }) => {
    expect(new Set(same.map((message) => normaliseError(message).text)).size).toBe(1);
  });

  it("are different problems where they say different things", () => {
    const texts = groups.map(({ same }) => normaliseError(same[0]!).text);
    const taken = texts.filter((text, i) => texts.indexOf(text) !== i);
    expect(taken).toEqual([]);
  });
});
