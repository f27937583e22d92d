import { describe, expect, test } from "vitest";
import { eq } from "drizzle-orm";
import type { Actor } from "~/control/actor";
import { createDashboard } from "~/control/dashboard/create-dashboard";
import type { Dashboard } from "~/control/dashboard/dashboard";
import { deleteDashboard } from "~/control/dashboard/delete-dashboard";
import { duplicateDashboard } from "~/control/dashboard/duplicate-dashboard";
import { exportDashboard } from "~/control/dashboard/export-dashboard";
import { getDashboard } from "~/control/dashboard/get-dashboard";
import { importDashboard } from "~/control/dashboard/import-dashboard";
import { listDashboards } from "~/control/dashboard/list-dashboards";
import { shareDashboard } from "~/control/dashboard/share-dashboard";
import { updateDashboard } from "~/control/dashboard/update-dashboard";
import { dashboardLayouts } from "~/control/db/schema/dashboard";
import { dashboardNamed, lastShownOf } from "~/control/last-shown";
import { HOSTILE } from "../support/hostile-text";
import { layoutOfVersion1, note, oneOfEach } from "../support/dashboard-layouts";
import { NOW, onEveryDatabase, person } from "../support/control";

onEveryDatabase((control) => {
  const create = (who: Actor, given: object = {}) =>
    createDashboard(control.as(who), { name: "Orders", layout: oneOfEach(), ...given });

  test("a dashboard with a panel of every kind is kept as it was arranged", async () => {
    const anna = person("viewer");
    const made = await create(anna, { name: "  Orders  " });
    expect(made).toEqual({
      id: expect.any(String) as string,
      name: "Orders",
      visibility: "private",
      owner: { id: anna.id, name: anna.name },
      layout: oneOfEach(),
      revision: 1,
      createdAt: NOW,
      updatedAt: NOW,
      updatedBy: { id: anna.id, name: anna.name },
      canEdit: true,
    });
    expect(await getDashboard(control.as(anna), made.id)).toEqual(made);
    const { layout, ...summary } = made;
    expect(await listDashboards(control.as(anna))).toContainEqual({ ...summary, panels: layout.panels.length });
    await control.expectAuditRow(anna, {
      action: "dashboard.create",
      entityId: made.id,
      before: null,
      after: { name: "Orders", visibility: "private", ownerId: anna.id, revision: 1, layout },
    });
  });

  test("panels that overlap are settled when they are kept", async () => {
    const layout = {
      schemaVersion: 2,
      panels: [note("a", { x: 0, y: 3, w: 6, h: 4 }), note("b", { x: 0, y: 4, w: 6, h: 2 })],
    };
    const { layout: kept } = await create(person("viewer"), { layout });
    expect(kept.panels.map(({ place }) => [place.y, place.h])).toEqual([
      [0, 4],
      [4, 2],
    ]);
  });

  test("a change counts the revision and is in the audit log with the panels that differ", async () => {
    const anna = person("viewer");
    const made = await create(anna);
    const [first, ...others] = made.layout.panels;
    const changed = { ...first!, title: "By status" };
    const layout = { ...made.layout, panels: [changed, ...others] };
    const after = await updateDashboard(control.as(anna), made.id, { revision: 1, layout });
    expect(after).toMatchObject({ revision: 2, layout });
    const about = { name: made.name, visibility: "private", ownerId: anna.id };
    await control.expectAuditRow(anna, {
      action: "dashboard.update",
      entityId: made.id,
      before: { ...about, revision: 1, panels: [first] },
      after: { ...about, revision: 2, panels: [changed] },
    });
  });

  test("who has not seen the last change is told whose it was and changes nothing", async () => {
    const [anna, ben] = [person("operator"), person("operator")];
    const made = await create(anna, { visibility: "shared" });
    await updateDashboard(control.as(ben), made.id, { revision: 1, name: "Ben was here" });
    const late = updateDashboard(control.as(anna), made.id, { revision: 1, name: "Anna's" });
    await expect(late).rejects.toMatchObject({
      code: "conflict",
      message: `${ben.name} changed this dashboard at 2026-11-21 10:00:00 UTC, after you loaded it (revision 2, yours is 1): load it again.`,
    });
    expect(await getDashboard(control.as(anna), made.id)).toMatchObject({ name: "Ben was here", revision: 2 });
  });

  test("of two changes at once one is kept and the other is told", async () => {
    const anna = person("viewer");
    const made = await create(anna);
    const outcomes = await Promise.allSettled(
      ["one", "two"].map((name) => updateDashboard(control.as(anna), made.id, { revision: 1, name })),
    );
    expect(outcomes.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  test("another's private dashboard is not there, not even for an admin", async () => {
    const { id } = await create(person("viewer"));
    const admin = control.as(person("admin"));
    for (const attempt of [
      () => getDashboard(admin, id),
      () => updateDashboard(admin, id, { revision: 1, name: "taken" }),
      () => deleteDashboard(admin, id),
      () => shareDashboard(admin, id, { shared: true }),
      () => duplicateDashboard(admin, id, {}),
      () => exportDashboard(admin, id),
    ])
      await expect(attempt()).rejects.toMatchObject({ code: "not-found" });
    expect((await listDashboards(admin)).map((one) => one.id)).not.toContain(id);
  });

  describe("sharing", () => {
    test("is for operators", async () => {
      const viewer = person("viewer");
      await expect(create(viewer, { visibility: "shared" })).rejects.toMatchObject({ code: "forbidden" });
      const { id } = await create(viewer);
      const share = shareDashboard(control.as(viewer), id, { shared: true });
      await expect(share).rejects.toMatchObject({ code: "forbidden" });
    });

    test("lets viewers see, operators arrange, and its owner and admins take it back", async () => {
      const [anna, ben, vera, admin] = [person("operator"), person("operator"), person("viewer"), person("admin")];
      const { id } = await create(anna);
      expect(await shareDashboard(control.as(anna), id, { shared: true })).toMatchObject({
        visibility: "shared",
        revision: 1,
      });
      const about = { name: "Orders", ownerId: anna.id, revision: 1, panels: [] };
      await control.expectAuditRow(anna, {
        action: "dashboard.share",
        entityId: id,
        before: { ...about, visibility: "private" },
        after: { ...about, visibility: "shared" },
      });
      expect(await getDashboard(control.as(vera), id)).toMatchObject({ canEdit: false });
      expect(await getDashboard(control.as(ben), id)).toMatchObject({ canEdit: true });
      const change = { revision: 1, name: "Ours" };
      await expect(updateDashboard(control.as(vera), id, change)).rejects.toMatchObject({ code: "forbidden" });
      expect(await updateDashboard(control.as(ben), id, change)).toMatchObject({ name: "Ours" });
      for (const attempt of [
        () => deleteDashboard(control.as(ben), id),
        () => shareDashboard(control.as(ben), id, { shared: false }),
      ])
        await expect(attempt()).rejects.toMatchObject({ code: "forbidden" });
      await shareDashboard(control.as(admin), id, { shared: false });
      await expect(getDashboard(control.as(vera), id)).rejects.toMatchObject({ code: "not-found" });
      expect(await getDashboard(control.as(anna), id)).toMatchObject({ visibility: "private", name: "Ours" });
    });
  });

  test("what was taken back while somebody changed it is not shown to them again while the database is away", async () => {
    const [anna, ben] = [person("operator"), person("operator")];
    const { id } = await create(anna, { visibility: "shared" });
    const given = control.as(ben);
    const shown = lastShownOf(given);
    const isShown = () => shown.find(ben, dashboardNamed(id)) !== null;
    await updateDashboard(given, id, { revision: 1, name: "Ours" });
    expect(isShown()).toBe(true);
    const takenBackMeanwhile = {
      ...given,
      clock: {
        now: () => {
          shown.withdraw(dashboardNamed(id));
          return NOW;
        },
      },
    };
    await updateDashboard(takenBackMeanwhile, id, { revision: 2, name: "Mine" });
    expect(isShown()).toBe(false);
  });

  test("a copy is one's own and leaves the original alone", async () => {
    const [anna, vera] = [person("operator"), person("viewer")];
    const made = await create(anna, { visibility: "shared" });
    const copy = await duplicateDashboard(control.as(vera), made.id, {});
    expect(copy).toMatchObject({
      name: "Copy of Orders",
      visibility: "private",
      owner: { id: vera.id },
      layout: made.layout,
      revision: 1,
    });
    await deleteDashboard(control.as(vera), copy.id);
    await control.expectAuditRow(vera, {
      action: "dashboard.delete",
      entityId: copy.id,
      before: { name: "Copy of Orders", visibility: "private", ownerId: vera.id, revision: 1, layout: made.layout },
      after: null,
    });
    expect(await getDashboard(control.as(anna), made.id)).toEqual(made);
  });

  test("what is exported is imported as the same dashboard", async () => {
    const [anna, ben] = [person("viewer"), person("viewer")];
    const made = await create(anna);
    const exported = await exportDashboard(control.as(anna), made.id);
    expect(exported).toEqual({ weir: "dashboard", name: "Orders", layout: made.layout });
    const text = JSON.parse(JSON.stringify(exported)) as unknown;
    expect(await importDashboard(control.as(ben), text)).toMatchObject({
      name: "Orders",
      layout: made.layout,
      revision: 1,
    });
  });

  test("a layout of an older version is upgraded when it is read, and kept in the new shape by the next change", async () => {
    const anna = person("viewer");
    const made = await create(anna);
    const stored = async () => {
      const [row] = await control.db.select().from(dashboardLayouts).where(eq(dashboardLayouts.id, made.id));
      return row!.layout;
    };
    await control.db.update(dashboardLayouts).set({ layout: layoutOfVersion1 }).where(eq(dashboardLayouts.id, made.id));
    const read = await getDashboard(control.as(anna), made.id);
    expect(read.layout.schemaVersion).toBe(2);
    expect(read.layout.panels[0]).toMatchObject({ id: "counts-1", title: "", place: { x: 0, y: 0, w: 12, h: 2 } });
    expect(await stored()).toEqual(layoutOfVersion1);
    await updateDashboard(control.as(anna), made.id, { revision: 1, layout: read.layout });
    expect(await stored()).toEqual(read.layout);
    expect(
      await importDashboard(control.as(anna), { weir: "dashboard", name: "Old", layout: layoutOfVersion1 }),
    ).toMatchObject({
      layout: read.layout,
    });
  });

  test("a layout of a newer program is not touched", async () => {
    const anna = person("viewer");
    const { id } = await create(anna);
    await control.db
      .update(dashboardLayouts)
      .set({ layout: { schemaVersion: 99, panels: [] } })
      .where(eq(dashboardLayouts.id, id));
    await expect(getDashboard(control.as(anna), id)).rejects.toMatchObject({
      code: "bad-body",
      message: expect.stringContaining("a newer one made it") as string,
    });
  });

  test("a panel of a feed that has gone stays, and does not stop other changes", async () => {
    const anna = person("viewer");
    const made = await create(anna);
    const later = control.as(anna, { feeds: [] });
    const layout = { ...made.layout, panels: made.layout.panels.slice(0, 2) };
    expect(await updateDashboard(later, made.id, { revision: 1, layout })).toMatchObject({ revision: 2 });
    const [first] = layout.panels;
    const changed = { ...layout, panels: [{ ...first!, settings: { feed: "pipeline_events", filter: "q=x" } }] };
    await expect(updateDashboard(later, made.id, { revision: 2, layout: changed })).rejects.toMatchObject({
      details: { parameter: "layout.panels.0.settings.feed" },
    });
  });

  test("a feed that one may not read is answered like one that is not there", async () => {
    const outsider = person("viewer", { feeds: { read: [], write: "all" } });
    const refused = create(outsider);
    await expect(refused).rejects.toMatchObject({ details: { parameter: "layout.panels.0.settings.feed" } });
    await expect(refused).rejects.toThrow(/There is no feed "pipeline_events"/);
  });

  test("whatever people write into a panel comes back letter by letter", async () => {
    const anna = person("viewer");
    const shown = HOSTILE.map((text) => text.replaceAll(/\p{Cc}/gu, ""));
    const panels = shown.map((text, i) => ({
      ...note(`n-${i}`, { x: 0, y: i * 2, w: 2, h: 2 }, text),
      title: text.slice(0, 120),
    }));
    for (let i = 0; i < panels.length; i += 20) {
      const some = panels.slice(i, i + 20);
      const { layout } = await create(anna, { name: `Hostile ${i}`, layout: { schemaVersion: 2, panels: some } });
      const texts = (all: Dashboard["layout"]["panels"]) => all.map(({ title, settings }) => [title, settings]).sort();
      expect(texts(layout.panels)).toEqual(texts(some as Dashboard["layout"]["panels"]));
    }
  });

  const withPanel = (change: object, index = 0) => {
    const layout = structuredClone(oneOfEach()) as unknown as { panels: object[] };
    layout.panels[index] = { ...layout.panels[index], ...change };
    return { layout };
  };

  test.each<[string, object, string, string | undefined]>([
    ["no name", { name: " " }, "bad-parameter", "name"],
    ["a name of two lines", { name: "a\nb" }, "bad-parameter", "name"],
    ["a visibility that is none", { visibility: "public" }, "bad-parameter", "visibility"],
    ["an unknown member", { owner: "me" }, "bad-body", undefined],
    ["no list of panels", { layout: { schemaVersion: 2 } }, "bad-parameter", "layout.panels"],
    ["a layout that is text", { layout: "x" }, "bad-parameter", "layout"],
    ["a version that never was", { layout: { schemaVersion: 0, panels: [] } }, "bad-parameter", "layout.schemaVersion"],
    ["a newer version", { layout: { schemaVersion: 3, panels: [] } }, "bad-body", undefined],
    [
      "too many panels",
      { layout: { schemaVersion: 2, panels: Array.from({ length: 25 }, (_, i) => note(`n-${i}`)) } },
      "bad-parameter",
      "layout.panels",
    ],
    [
      "two panels of one id",
      { layout: { schemaVersion: 2, panels: [note("a"), note("a")] } },
      "bad-parameter",
      "layout.panels.1.id",
    ],
    ["a kind that is none", withPanel({ kind: "iframe" }), "bad-parameter", "layout.panels.0.kind"],
    [
      "a panel that is too wide",
      withPanel({ place: { x: 0, y: 0, w: 13, h: 2 } }),
      "bad-parameter",
      "layout.panels.0.place.w",
    ],
    [
      "a place that is no number",
      withPanel({ place: { x: "0", y: 0, w: 12, h: 2 } }),
      "bad-parameter",
      "layout.panels.0.place.x",
    ],
    ["a title without end", withPanel({ title: "a".repeat(121) }), "bad-parameter", "layout.panels.0.title"],
    ["a title with a null", withPanel({ title: "a\0" }), "bad-parameter", "layout.panels.0.title"],
    [
      "a feed that is not there",
      withPanel({ settings: { feed: "nope", filter: "" } }),
      "bad-parameter",
      "layout.panels.0.settings.feed",
    ],
    [
      "a filter that is none",
      withPanel({ settings: { feed: "pipeline_events", filter: "colour=red" } }),
      "bad-parameter",
      "layout.panels.0.settings.filter",
    ],
    [
      "a filter with a time of the page",
      withPanel({ settings: { feed: "pipeline_events", filter: "at=-2h" } }),
      "bad-parameter",
      "layout.panels.0.settings.filter",
    ],
  ])("%s is refused", async (_what, given, code, parameter) => {
    await expect(create(person("operator"), given)).rejects.toMatchObject({
      code,
      details: parameter === undefined ? {} : { parameter },
    });
  });

  test.each<[string, string, object, string]>([
    ["a column that is not there", "table", { columns: ["status", "colour"] }, "columns.1"],
    ["no rows", "table", { rows: 0 }, "rows"],
    ["a source that is none", "table", { source: "files/etc" }, "source"],
    ["a sum of words", "chart", { measure: "sum", field: "status" }, "field"],
    ["a sum of nothing", "chart", { measure: "sum" }, "field"],
    ["a division by numbers", "chart", { by: "durationMs" }, "by"],
    ["a span that is none", "chart", { span: "1y" }, "span"],
    ["a window of a chart in its filter", "chart", { filter: "from=-2h" }, "filter"],
    ["a note without end", "note", { text: "a".repeat(4_001) }, "text"],
    ["a note with a null", "note", { text: "a\0" }, "text"],
    ["a view of another kind", "problems", { view: "batches" }, "view"],
  ])("%s is refused in a panel", async (_what, kind, change, member) => {
    const { panels } = oneOfEach();
    const i = panels.findIndex((panel) => panel.kind === kind);
    const given = withPanel({ settings: { ...panels[i]!.settings, ...change } }, i);
    await expect(create(person("viewer"), given)).rejects.toMatchObject({
      code: "bad-parameter",
      details: { parameter: `layout.panels.${i}.settings.${member}` },
    });
  });

  test("what was not exported by Weir is not imported", async () => {
    const anna = control.as(person("viewer"));
    await expect(importDashboard(anna, { name: "x", layout: oneOfEach() })).rejects.toMatchObject({
      details: { parameter: "weir" },
    });
    await expect(importDashboard(anna, [])).rejects.toMatchObject({ code: "bad-body" });
  });

  test.each(["'; DROP TABLE dashboard_layouts; --", "", 7, null])("%j is no id", async (id) => {
    await expect(getDashboard(control.as(person("admin")), id)).rejects.toMatchObject({ code: "bad-body" });
  });
});
