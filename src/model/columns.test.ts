import { describe, expect, it } from "vitest";
import { pipelineFeed } from "../../tests/support/pipeline-feed";
import { parseColumns } from "./columns";

const feed = pipelineFeed;
const index = (name: string) => feed.fields.findIndex((field) => field.name === name);

describe("parseColumns", () => {
  it("keeps the order that was asked for", () => {
    expect(parseColumns(feed, "status,host,pipelineName")).toEqual(["status", "host", "pipelineName"].map(index));
  });

  it("says null when nothing is chosen", () => {
    expect(parseColumns(feed, null)).toBeNull();
    expect(parseColumns(feed, "")).toBeNull();
  });

  it("names what is no column, and what is named twice", () => {
    expect(() => parseColumns(feed, "status,stats")).toThrow(/no column "stats": columns are eventId/);
    expect(() => parseColumns(feed, "status,host,status")).toThrow(/"status" is named twice/);
    expect(() => parseColumns(feed, "status,,host")).toThrow(/no column ""/);
  });
});
