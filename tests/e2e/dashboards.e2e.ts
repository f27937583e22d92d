/** Dashboards: read with and without script, live, in the past, arranged by keyboard; all text on them is data. */
import type { Page } from "playwright";
import { beforeAll, describe, expect, it } from "vitest";
import type { Layout } from "~/model/dashboard";
import { browserTabs, clickThrough, eventually } from "../support/browser";
import { note, oneOfEach } from "../support/dashboard-layouts";
import { HOSTILE } from "../support/hostile-text";
import { isMarked, markPage, scrollsSideways, untilLive, violations } from "../support/pages";
import { runningWeir } from "../support/weir";

const weir = runningWeir();
const { open } = browserTabs();

/** A dashboard of this layout. @returns its id */
async function made(layout: Layout, name = "Orders"): Promise<string> {
  const response = await fetch(weir.url("/api/v1/dashboards"), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ name, layout }),
  });
  expect(response.status).toBe(201);
  return ((await response.json()) as { id: string }).id;
}

const kept = async (id: string) =>
  (await (await fetch(weir.url(`/api/v1/dashboards/${id}`))).json()) as { revision: number; layout: Layout };

const placesOf = ({ layout }: { layout: Layout }) =>
  Object.fromEntries(layout.panels.map(({ id, place: { x, y, w, h } }) => [id, [x, y, w, h]]));

const panel = (page: Page, name: string) => page.getByRole("region", { name, exact: true });
const count = (page: Page, status: string) => panel(page, "Counts").locator(`[data-status=${status}] .value`);
const said = (page: Page) => page.locator("#dash-said").innerText();

let before: string;

beforeAll(async () => {
  await weir.untilControl();
  before = await weir.publish([
    weir.event({ eventId: "e-1", pipelineName: "orders", status: "COMPLETED" }),
    weir.event({ eventId: "e-2", pipelineName: "orders", status: "FAILED", errorMessage: "disk is full" }),
  ]);
  await weir.publish([weir.event({ eventId: "e-3", pipelineName: "billing", status: "COMPLETED" })]);
});

describe("a dashboard", { timeout: 120_000 }, () => {
  it("is complete without script, now and as of an instant, and arranged by its forms", async () => {
    const id = await made(oneOfEach());
    const page = await open(weir.url(`/dashboards/${id}`), { javaScriptEnabled: false });
    expect(await count(page, "COMPLETED").innerText()).toBe("2");
    expect(await panel(page, "Newest failures").innerText()).toContain("disk is full");
    expect(await panel(page, "Problems").innerText()).toContain("disk is full");
    expect(await panel(page, "Pipelines").innerText()).toContain("billing");
    expect(await panel(page, "Note").getByRole("link").getAttribute("href")).toBe("https://wiki.example.org/");
    const table = panel(page, "Events by status").getByRole("table");
    await panel(page, "Events by status").getByText("Table").click();
    expect(await table.innerText()).toMatch(/COMPLETED\s+FAILED[\s\S]*2\s+1/);

    await page.goto(weir.url(`/dashboards/${id}?at=${before}`));
    expect(await count(page, "COMPLETED").innerText()).toBe("1");
    expect(await panel(page, "Pipelines").innerText()).not.toContain("billing");
    expect(await panel(page, "Note").innerText()).toContain("as it is now");
    expect(await page.getByRole("link", { name: "Arrange" }).count()).toBe(0);

    await page.goto(weir.url(`/dashboards/${id}`));
    await clickThrough(page.getByRole("link", { name: "Arrange" }));
    await clickThrough(page.getByRole("button", { name: "Move down: Counts" }));
    await clickThrough(page.getByRole("button", { name: "Remove: Note" }));
    const now = await kept(id);
    expect(placesOf(now)["counts-1"]).toEqual([0, 5, 12, 2]);
    expect(now.layout.panels.map((one) => one.id)).not.toContain("note-1");

    await clickThrough(page.getByRole("link", { name: "Edit: Counts" }));
    await page.getByLabel("Title").fill("Failures");
    await page.getByLabel(/^Filter/).fill("status=FAILED");
    await clickThrough(page.getByRole("button", { name: "Save" }));
    expect(await panel(page, "Failures").locator("[data-status=COMPLETED] .value").innerText()).toBe("0");
  });

  it("says on the form what is wrong with a setting, and whose change came first", async () => {
    const id = await made(oneOfEach());
    const page = await open(weir.url(`/dashboards/${id}?edit=counts-1`), {
      expected: [/answer 4\d\d/, /status of 4\d\d/],
    });
    await page.getByLabel(/^Filter/).fill("colour=red");
    await clickThrough(page.getByRole("button", { name: "Save" }));
    expect(await page.getByRole("alert").first().innerText()).toContain("layout.panels.0.settings.filter");
    await page.goto(weir.url(`/dashboards/${id}?arrange`));
    await untilLive(page);
    await fetch(weir.url(`/api/v1/dashboards/${id}`), {
      method: "PATCH",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ revision: 1, name: "Renamed" }),
    });
    await panel(page, "Counts").focus();
    await page.keyboard.press("ArrowDown");
    await eventually(() => page.locator("#dash-trouble").innerText()).toMatch(/local user changed this dashboard/);
    await clickThrough(page.locator("#dash-trouble").getByRole("link", { name: "Load it again" }));
    expect(await page.getByRole("heading", { level: 1 }).innerText()).toBe("Renamed");
  });

  it("is arranged by keyboard alone: move, resize, remove, undo, edit", async () => {
    const id = await made({
      schemaVersion: 2,
      panels: [note("a", { x: 0, y: 0, w: 4, h: 3 }), note("b", { x: 4, y: 0, w: 4, h: 3 }), ...oneOfEach().panels.slice(0, 1).map((one) => ({ ...one, place: { x: 0, y: 3, w: 12, h: 2 } }))], // prettier-ignore
    });
    const page = await open(weir.url(`/dashboards/${id}`));
    await page.getByRole("link", { name: "Arrange" }).focus();
    await page.keyboard.press("Enter");
    await untilLive(page);
    await page.locator("#panel-a").focus();
    await page.keyboard.press("ArrowRight");
    await eventually(() => said(page)).toBe("Note: column 2, row 1, 4 wide, 3 high.");
    await page.keyboard.press("Shift+ArrowDown");
    await eventually(() => said(page)).toBe("Note: column 2, row 1, 4 wide, 4 high.");
    await eventually(async () => placesOf(await kept(id))).toEqual({
      a: [1, 0, 4, 4],
      b: [4, 4, 4, 3],
      "counts-1": [0, 7, 12, 2],
    });
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("panel-a");

    await page.locator("#panel-counts-1").focus();
    await page.keyboard.press("Delete");
    await eventually(() => said(page)).toBe("Removed Counts. Undo brings it back.");
    await eventually(() => page.locator("#dash-grid").getAttribute("data-following")).toBe("");
    await page.keyboard.press("Control+z");
    await eventually(() => said(page)).toBe("Undone: removing Counts.");
    await eventually(() => page.locator("#dash-grid").getAttribute("data-following")).toBe("feeds/pipeline_events");
    await untilLive(page);
    await eventually(async () => Object.keys(placesOf(await kept(id))).length).toBe(3);

    await page.getByRole("button", { name: "Add panel" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: /^Problems/ }).focus();
    await page.keyboard.press("Enter");
    await eventually(() => said(page)).toMatch(/^Added Problems: column 1, row 10/);
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("panel-problems-1");
    await eventually(() => page.locator("#dash-grid").getAttribute("data-following")).toBe(
      "feeds/pipeline_events views/problems",
    );
    await untilLive(page);

    await page.keyboard.press("Enter");
    await page.getByLabel("Title").fill("What is broken");
    await page.keyboard.press("Enter");
    await eventually(() => panel(page, "What is broken").count()).toBe(1);
  });

  it("is arranged by pointer", async () => {
    const id = await made({ schemaVersion: 2, panels: [note("a", { x: 0, y: 0, w: 4, h: 3 }), note("b", { x: 0, y: 3, w: 4, h: 3 })] }); // prettier-ignore
    const page = await open(weir.url(`/dashboards/${id}?arrange`));
    await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
    await eventually(() => page.locator("#dash-grid").getAttribute("data-following")).toBe("");
    const head = (await page.locator("#panel-b header").boundingBox())!;
    const grid = (await page.locator("#dash-grid").boundingBox())!;
    await page.mouse.move(head.x + 20, head.y + 10);
    await page.mouse.down();
    await eventually(() => page.locator("#panel-b").getAttribute("data-held")).toBe("");
    await page.mouse.move(head.x + 20 + grid.width / 2, grid.y + 10, { steps: 5 });
    await page.mouse.up();
    await eventually(async () => placesOf(await kept(id))).toEqual({ a: [0, 0, 4, 3], b: [6, 0, 4, 3] });
  });

  it("follows without loading again, all panels on one stream (invariant 4)", async () => {
    const id = await made(oneOfEach());
    const page = await open(weir.url("/dashboards"));
    const streams: string[] = [];
    page.on("request", (request) => request.url().includes("/api/v1/live") && streams.push(request.url()));
    await page.goto(weir.url(`/dashboards/${id}`));
    await untilLive(page);
    await markPage(page);
    const completed = Number(await count(page, "COMPLETED").innerText());
    await weir.publish([
      weir.event({ eventId: `live-${id}`, pipelineName: "invoices", stageName: "mail", status: "FAILED", errorMessage: "no route to host" }), // prettier-ignore
      weir.event({ eventId: `done-${id}`, pipelineName: "invoices", status: "COMPLETED" }),
    ]);
    await eventually(() => count(page, "COMPLETED").innerText()).toBe(String(completed + 1));
    for (const name of ["Newest failures", "Problems"])
      await eventually(() => panel(page, name).innerText()).toContain("no route to host");
    await eventually(() => panel(page, "Pipelines").innerText()).toContain("invoices");
    await eventually(() => panel(page, "Events by status").locator(".chart-keys").textContent()).toContain(
      `COMPLETED ${completed + 1}`,
    );
    expect(await isMarked(page)).toBe(true);
    expect(streams.length).toBe(1);

    const shown = await page.locator(".dash-body").allInnerTexts();
    await page.reload();
    expect(await page.locator(".dash-body").allInnerTexts()).toEqual(shown);
  });

  it("shows whatever people wrote as text (invariant 8)", async () => {
    const texts = HOSTILE.map((text) => text.replaceAll(/\p{Cc}/gu, ""));
    const panels = texts.map((text, i) => ({ ...note(`n-${i}`, { x: (i % 3) * 4, y: Math.floor(i / 3) * 2, w: 4, h: 2 }, text), title: text.slice(0, 120) })); // prettier-ignore
    const id = await made({ schemaVersion: 2, panels: panels.slice(0, 24) }, texts[2]!.slice(0, 100));
    const page = await open(weir.url("/dashboards"));
    for (const path of [
      "/dashboards",
      `/dashboards/${id}`,
      `/dashboards/${id}?arrange`,
      `/dashboards/${id}?edit=n-4`,
    ]) {
      await page.goto(weir.url(path));
      const found = await page.evaluate(() => [
        ...("pwned" in window ? ["script ran"] : []),
        ...[...document.querySelectorAll("main iframe, main img, main object, main script:not([nonce]), [onerror], [onload], [onmouseover], [onfocus], main a[href^='javascript:' i], main a[href^='data:' i], main base, main meta")].map((element) => element.outerHTML), // prettier-ignore
      ]);
      expect(found, path).toEqual([]);
    }
    const titles = await page.locator(".dash-panel h2").allInnerTexts();
    expect(titles.some((title) => title.includes("<script>window.pwned=1</script>"))).toBe(true);
  });

  it("breaks no rule of accessibility, in both themes, on a phone and a desk", async () => {
    const id = await made(oneOfEach());
    const page = await open(weir.url("/dashboards"));
    const found: string[] = [];
    // The list, and one as it is read, are looked at in accessibility.e2e.ts.
    for (const path of [
      `/dashboards/${id}?arrange`,
      `/dashboards/${id}?edit=chart-1`,
      `/dashboards/${id}?at=${before}`,
    ]) {
      // prettier-ignore
      await page.goto(weir.url(path));
      for (const [colorScheme, width] of [
        ["light", 320],
        ["dark", 1280],
      ] as const) {
        // prettier-ignore
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        await page.setViewportSize({ width, height: 900 });
        const where = `${path}, ${colorScheme}, ${width} px`;
        found.push(...(await violations(page)).map((violation) => `${where}: ${violation}`));
        if (await scrollsSideways(page)) found.push(`${where}: scrolls sideways`);
      }
    }
    expect(found).toEqual([]);
  });

  it("is created, exported, imported and deleted on the list, with sentences for what cannot be", async () => {
    const page = await open(weir.url("/dashboards"), {
      javaScriptEnabled: false,
      expected: [/answer 400/, /status of 400/],
    });
    await page.getByLabel("New dashboard").fill("By hand");
    await clickThrough(page.getByRole("button", { name: "Create" }));
    expect(await page.locator(".dash-panel").count()).toBe(6);
    const id = new URL(page.url()).pathname.split("/").at(-1)!;
    const answer = await fetch(weir.url(`/api/v1/dashboards/${id}/export`));
    expect(answer.headers.get("content-disposition")).toBe('attachment; filename="By-hand.weir-dashboard.json"');
    const text = await answer.text();

    await page.goto(weir.url("/dashboards"));
    await page.getByText("Import a dashboard").click();
    await page.getByLabel("or what is in it").fill(text.replace('"w": 12', '"w": 99'));
    await clickThrough(page.getByRole("button", { name: "Import" }));
    expect(await page.getByRole("alert").innerText()).toContain(
      "layout.panels.0.place.w: must be a whole number from 2 to 12",
    );
    await page.getByLabel("A file that was exported").setInputFiles({ name: "x.json", mimeType: "application/json", buffer: Buffer.from(text) }); // prettier-ignore
    await clickThrough(page.getByRole("button", { name: "Import" }));
    expect(new URL(page.url()).pathname).not.toContain(id);
    expect(await page.locator(".dash-panel").count()).toBe(6);

    await page.goto(weir.url("/dashboards"));
    const rows = page.getByRole("row", { name: /By hand/ });
    expect(await rows.count()).toBe(2);
    await clickThrough(rows.first().getByRole("button", { name: "Delete By hand" }));
    expect(await rows.count()).toBe(1);
  });
});
