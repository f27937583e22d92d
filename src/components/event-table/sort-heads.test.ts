import { describe, expect, it } from "vitest";
import { pipelineFeed } from "../../../tests/support/pipeline-feed";
import { parseColumns } from "~/model/columns";
import { parseSort } from "~/model/row-sort";
import { tableShape } from "./shape";
import { sortView } from "./sort-heads";

const feed = pipelineFeed;
const HERE = "/feeds/pipeline_events?status=FAILED&after=x";
const { columns } = tableShape(feed, parseColumns(feed, "pipelineName,durationMs,eventTimestamp,labels"));
const viewOf = (text: string | null, isPart = false) => {
  const sort = parseSort(feed, text);
  return sortView(feed, columns, { here: HERE, sort, among: sort && { total: 1_234, isPart } });
};
const hrefs = (text: string | null) => viewOf(text).heads.map(({ href }) => href?.split("&sort=")[1] ?? null);

describe("sortView", () => {
  it("leads to the greatest or newest first and to names from A on, and turns around what is chosen", () => {
    expect(hrefs(null)).toEqual(["pipelineName", "-durationMs", "eventTimestamp", null]);
    expect(hrefs("-durationMs")).toEqual(["pipelineName", "durationMs", null, null]);
    expect(hrefs("pipelineName")[0]).toBe("-pipelineName");
  });

  it("begins at the first page and keeps the filter", () => {
    expect(viewOf(null).heads[0]!.href).toBe("/feeds/pipeline_events?status=FAILED&sort=pipelineName");
    expect(viewOf("durationMs").heads[2]!.href).toBe("/feeds/pipeline_events?status=FAILED");
  });

  it("has no link for what is no single value", () => {
    expect(viewOf(null).heads[3]!.href).toBeNull();
  });

  it("says how rows stand, and of a part that it is one", () => {
    expect(viewOf(null)).toMatchObject({ text: "Newest first", usualHref: null });
    expect(viewOf("-durationMs").text).toBe("By Duration ms, largest first, of 1,234");
    expect(viewOf("-durationMs", true).text).toContain("among the 1,234 that match in the hot window");
    expect(viewOf("-durationMs").heads.map(({ order }) => order)).toEqual([null, "descending", null, null]);
    expect(viewOf("-durationMs").heads[1]!.hint).toBe("Duration ms: smallest first; now largest first");
  });
});
