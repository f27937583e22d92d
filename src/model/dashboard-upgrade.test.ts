import { describe, expect, it } from "vitest";
import { layoutOfVersion1, oneOfEach } from "../../tests/support/dashboard-layouts";
import { storedLayout, upgradeLayout } from "./dashboard-upgrade";

describe("a layout that was kept", () => {
  it("of the present version is taken as it is", () => {
    expect(storedLayout(oneOfEach())).toEqual(oneOfEach());
  });

  it("of version 1 gets twelve columns, places of their own and titles", () => {
    expect(storedLayout(layoutOfVersion1)).toEqual({
      schemaVersion: 2,
      panels: [
        {
          id: "counts-1",
          kind: "counts",
          title: "",
          place: { x: 0, y: 0, w: 12, h: 2 },
          settings: { feed: "pipeline_events", filter: "" },
        },
        { id: "note-1", kind: "note", title: "Hello", place: { x: 6, y: 2, w: 6, h: 4 }, settings: { text: "there" } },
      ],
    });
  });

  it("is not changed itself by being upgraded", () => {
    const before = structuredClone(layoutOfVersion1);
    upgradeLayout(layoutOfVersion1);
    expect(layoutOfVersion1).toEqual(before);
  });

  it.each([
    null,
    7,
    "x",
    [],
    {},
    { schemaVersion: "1" },
    { schemaVersion: 1, panels: "no" },
    { schemaVersion: 1, panels: [7] },
  ])("that is none (%j) is refused with a sentence", (stored) => {
    expect(() => storedLayout(stored)).toThrow(/is not understood/);
  });
});
