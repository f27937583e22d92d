import { expect, test } from "vitest";
import { AUTHORISATION, entrances } from "../support/authorisation-matrix";

test("every handler, loader and action of a route says what it needs, and none that is gone does", () => {
  const found = entrances().map(({ file, name }) => `${file} ${name}`);
  const listed = Object.entries(AUTHORISATION).flatMap(([file, names]) =>
    Object.keys(names).map((name) => `${file} ${name}`),
  );
  expect(listed.sort()).toEqual(found.sort());
});
