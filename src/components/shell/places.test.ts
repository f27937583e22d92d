import { describe, expect, it } from "vitest";
import { placesAt } from "./places";

const feeds = [
  { name: "pipeline_events", title: "Pipeline events" },
  { name: "measurements", title: "Measurements" },
];
const inTime = (href: string) => `${href}?at=then`;
const current = (pathname: string) =>
  [...placesAt(pathname, feeds, inTime).main, ...placesAt(pathname, feeds, inTime).feeds]
    .filter((place) => place.current)
    .map(({ label }) => label);

describe("placesAt", () => {
  it("knows where the page is, also below a place", () => {
    expect(current("/")).toEqual(["On-call"]);
    expect(current("/pipelines/orders")).toEqual(["Pipelines"]);
    expect(current("/lake/measurements")).toEqual(["Table"]);
    expect(current("/feeds/measurements/dead-letters")).toEqual(["Measurements"]);
    expect(current("/settings/views")).toEqual([]);
  });

  it("leads to the time that the page is of", () => {
    const { main, feeds: shown } = placesAt("/", feeds, inTime);
    expect([...main, ...shown].every(({ href }) => href.endsWith("?at=then"))).toBe(true);
  });

  it("has no place of a feed for a reader who may see none", () => {
    const { main, feeds: shown } = placesAt("/", [], inTime);
    expect(shown).toEqual([]);
    expect(main.map(({ href }) => href).filter((href) => /lake|feed/.test(href))).toEqual([]);
  });

  it("gives each key once", () => {
    const keys = placesAt("/", feeds, inTime).main.flatMap(({ key }) => (key === null ? [] : [key]));
    expect(new Set([...keys, "a", "s"]).size).toBe(keys.length + 2);
  });
});
