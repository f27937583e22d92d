import { describe, expect, it } from "vitest";
import { toGo } from "./destination";
import { ranked } from "./rank";

const pipelines = Array.from({ length: 200 }, (_, i) => toGo("Pipelines", `pipeline_${i}`, `/pipelines/pipeline_${i}`));
const all = [
  toGo("Pages", "On-call", "/"),
  toGo("Pages", "Dashboards", "/dashboards"),
  ...pipelines,
  toGo("Problems", "timeout connecting", "/problems/1", "orders › load"),
];
const labels = (typed: string) => ranked(all, typed).map(({ label }) => label);

describe("ranked", () => {
  it("shows the first of every group while nothing is typed", () => {
    expect(labels("")).toEqual([
      "On-call",
      "Dashboards",
      ...Array.from({ length: 8 }, (_, i) => `pipeline_${i}`),
      "timeout connecting",
    ]);
  });

  it("finds one pipeline among two hundred, the exact name first", () => {
    expect(labels("pipeline_19")[0]).toBe("pipeline_19");
    expect(labels("PIPELINE_199")).toEqual(["pipeline_199"]);
  });

  it("takes the beginning of a word before the middle of one, and letters in their order last", () => {
    const some = ["xload", "re load", "load it", "l-o-a-d"].map((label) => toGo("Pages", label, "/"));
    expect(ranked(some, "load").map(({ label }) => label)).toEqual(["load it", "re load", "xload", "l-o-a-d"]);
  });

  it("asks every word of label and detail", () => {
    expect(labels("timeout orders")).toEqual(["timeout connecting"]);
    expect(labels("timeout billing")).toEqual([]);
  });

  it("takes no word for a pattern", () => {
    expect(labels(".*")).toEqual([]);
    expect(labels("[(")).toEqual([]);
  });
});
