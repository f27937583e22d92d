/** Layouts for tests: a panel of every kind, notes, and one as an older program kept it. */
import type { Layout, PanelOf } from "~/model/dashboard";

const FEED = "pipeline_events";

/** In reading order and settled. */
export const oneOfEach = (): Layout => ({
  schemaVersion: 2,
  panels: [
    {
      id: "counts-1",
      kind: "counts",
      title: "",
      place: { x: 0, y: 0, w: 12, h: 2 },
      settings: { feed: FEED, filter: "" },
    },
    {
      id: "chart-1",
      kind: "chart",
      title: "Events by status",
      place: { x: 0, y: 2, w: 6, h: 5 },
      settings: { feed: FEED, filter: "", measure: "count", field: null, by: "status", span: "24h" },
    },
    {
      id: "problems-1",
      kind: "problems",
      title: "",
      place: { x: 6, y: 2, w: 6, h: 5 },
      settings: { view: "problems", filter: "state!=recovered", rows: 10 },
    },
    {
      id: "pipelines-1",
      kind: "pipelines",
      title: "",
      place: { x: 0, y: 7, w: 8, h: 5 },
      settings: { view: "pipelines", filter: "", rows: 10 },
    },
    note("note-1", { x: 8, y: 7, w: 4, h: 5 }, "# Runbook\n\nAsk **Ana**. See [the wiki](https://wiki.example.org/)."),
    {
      id: "table-1",
      kind: "table",
      title: "Newest failures",
      place: { x: 0, y: 12, w: 12, h: 6 },
      settings: {
        source: `feeds/${FEED}`,
        filter: "status=FAILED",
        columns: ["pipelineName", "errorMessage"],
        rows: 20,
      },
    },
  ],
});

export const note = (id: string, place = { x: 0, y: 0, w: 4, h: 2 }, text = "text"): PanelOf<"note"> => ({
  id,
  kind: "note",
  title: "",
  place,
  settings: { text },
});

/** Six columns, the place beside the other members, no empty titles. */
export const layoutOfVersion1 = {
  schemaVersion: 1,
  panels: [
    { id: "counts-1", kind: "counts", x: 0, y: 0, w: 6, h: 2, settings: { feed: FEED, filter: "" } },
    { id: "note-1", kind: "note", title: "Hello", x: 3, y: 2, w: 3, h: 4, settings: { text: "there" } },
  ],
};
