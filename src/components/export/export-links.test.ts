import { describe, expect, it } from "vitest";
import { pipelineFeed } from "../../../tests/support/pipeline-feed";
import { tableShape } from "../event-table/shape";
import { exportLinks } from "./export-links";

const shape = tableShape(pipelineFeed, [4, 5]);
const query = (href: string) => Object.fromEntries(new URLSearchParams(href.split("?")[1]));

describe("exportLinks", () => {
  it("ask for what is shown: the same filter, columns and number of rows", () => {
    const [csv] = exportLinks("/rows", "/feeds/x?status=FAILED&limit=50&cols=whatever", { at: null, shape, shown: 50 });
    expect(query(csv!.shownHref)).toEqual({
      status: "FAILED",
      cols: "status,eventTimestamp",
      limit: "50",
      format: "csv",
    });
    expect(query(csv!.allHref)).toEqual({
      status: "FAILED",
      cols: "status,eventTimestamp",
      limit: "1000000",
      format: "csv",
    });
  });

  it("stay at the position of a page of the past, and of a later page", () => {
    const of = { at: "e.20261121101500123", shape, shown: 100 };
    const [, json] = exportLinks("/rows", "/feeds/x?at=-2h", of);
    expect(query(json!.shownHref)["at"]).toBe(of.at);
    const [later] = exportLinks("/rows", "/feeds/x?after=abc", of);
    expect(query(later!.shownHref)).toMatchObject({ after: "abc" });
    expect(query(later!.shownHref)["at"]).toBeUndefined();
    expect(query(later!.allHref)).toMatchObject({ at: of.at });
  });
});
