import { describe, expect, it } from "vitest";
import { pipelineFeed } from "../../../tests/support/pipeline-feed";
import { parseColumns } from "~/model/columns";
import { tableShape } from "../event-table/shape";
import { chosenColumns, columnsView } from "./columns-view";

const feed = pipelineFeed;
const viewOf = (here: string) => {
  const chosen = parseColumns(feed, new URLSearchParams(here.split("?")[1]).get("cols"));
  return columnsView(feed, tableShape(feed, chosen), here, chosen !== null);
};

describe("columnsView", () => {
  it("lists every field, those that are shown first and in their order", () => {
    const { fields, usualHref } = viewOf("/feeds/x?cols=host,eventTimestamp,status&q=a");
    expect(fields.slice(0, 3).map(({ name }) => name)).toEqual(["host", "eventTimestamp", "status"]);
    expect(fields).toHaveLength(feed.fields.length);
    expect(fields.filter(({ isShown }) => isShown)).toHaveLength(3);
    expect(usualHref).toBe("/feeds/x?q=a");
  });

  it("keeps the time among them, because rows stand in its order", () => {
    expect(viewOf("/feeds/x?cols=status").fields[0]).toMatchObject({ name: "eventTimestamp", isShown: true });
  });

  it("says the names of fields that the schema does not label in words", () => {
    const { fields } = viewOf("/feeds/x");
    expect(fields.find(({ name }) => name === "sourceRecordCount")?.label).toBe("Source record count");
    expect(fields.find(({ name }) => name === "stageName")?.label).toBe("Stage");
  });
});

describe("chosenColumns", () => {
  it("puts them in the order of their places", () => {
    const sent = "/feeds/x?q=a&pos.status=2&col.status=on&pos.host=1&col.host=on&pos.url=3";
    expect(chosenColumns(sent)).toBe("/feeds/x?q=a&cols=host%2Cstatus");
  });

  it("puts what has no place last, and equal places in the order of the form", () => {
    const sent = "/feeds/x?pos.a=x&col.a=on&pos.b=1&col.b=on&pos.c=1&col.c=on";
    expect(chosenColumns(sent)).toBe("/feeds/x?cols=b%2Cc%2Ca");
  });

  it("means the usual ones when none is ticked, and nothing where no form was sent", () => {
    expect(chosenColumns("/feeds/x?pos.status=1&at=-2h")).toBe("/feeds/x?at=-2h");
    expect(chosenColumns("/feeds/x?cols=status")).toBeNull();
  });
});
