import { existsSync } from "node:fs";
import { expect, it } from "vitest";
import { LONG } from "../tests/support/long-first";
import { inRoot } from "./paths.mjs";

it("the test files that begin first are there", () => {
  expect(LONG.filter((end) => !existsSync(inRoot("tests", end)) && !existsSync(inRoot("src", end)))).toEqual([]);
});
