import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { addressOf, PAGES } from "./page-list.mjs";

const routes = readdirSync(new URL("../src/routes", import.meta.url), { recursive: true, encoding: "utf8" })
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => /(^|\/)index!?\.tsx$/.test(file));

describe("the list of pages", () => {
  it("has every page of src/routes: add yours to scripts/page-list.mjs, and pictures, accessibility and hostile text see it", () => {
    const listed = new Set(PAGES.map(({ route }) => route));
    expect(routes.filter((route) => !listed.has(route))).toEqual([]);
    expect([...listed].filter((route) => !routes.includes(route))).toEqual([]);
  });

  it("names each of them once", () => {
    const names = PAGES.map(({ name }) => name);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  it("fills what a page is about into its address, and has none where there is nothing to fill in", () => {
    const page = { name: "x", route: "x", path: "/a/{one}?at={two}" };
    expect(addressOf(page, { one: "b/c?", two: "2" })).toBe("/a/b%2Fc%3F?at=2");
    expect(addressOf(page, { one: "b" })).toBeNull();
  });
});
