/** The palette and what keys do with rows, by keyboard alone. */
import type { Page } from "playwright";
import { beforeAll, describe, expect, it } from "vitest";
import { browserTabs, eventually } from "../support/browser";
import { FEED_PAGE, untilLive } from "../support/pages";
import { runningWeir } from "../support/weir";

const weir = runningWeir();
const { open } = browserTabs();

const LONG_ERROR = `could not write\n${"at Writer.flush (warehouse.ts:42)\n".repeat(20)}the end`;

beforeAll(async () => {
  const many = Array.from({ length: 200 }, (_, i) =>
    weir.event({
      eventId: `p-${i}`,
      correlationId: `batch-${i}`,
      pipelineName: `pipeline_${String(i).padStart(3, "0")}`,
    }),
  );
  await weir.publish([
    ...many,
    weir.event({ eventId: "f-1", correlationId: "batch-f", status: "FAILED", errorMessage: LONG_ERROR }),
    weir.event({ eventId: "f-2", correlationId: "batch-g", pipelineName: "invoices", stageName: "audit" }),
  ]);
  await weir.untilControl();
});

const palette = (page: Page) => page.getByRole("dialog", { name: "Go to" });
const chosen = (page: Page) => page.locator("[role=option][aria-selected=true] .palette-label");

async function openPalette(page: Page): Promise<void> {
  await page.keyboard.press("Control+k");
  await palette(page).getByRole("combobox").waitFor();
}

describe("the palette", () => {
  it("finds one of two hundred pipelines and goes to it", async () => {
    const page = await open(weir.url("/"), { expected: [/404/] });
    await untilLive(page);
    await openPalette(page);
    await page.keyboard.type("pipeline_137");
    await eventually(() => chosen(page).innerText()).toBe("pipeline_137");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/pipelines\/pipeline_137$/);
  });

  it("says to assistive technology what is chosen, and closes with Escape", async () => {
    const page = await open(weir.url("/dashboards"));
    await openPalette(page);
    const field = palette(page).getByRole("combobox");
    const pointed = async () => page.locator(`#${await field.getAttribute("aria-activedescendant")}`).innerText();
    await eventually(pointed).toContain("On-call");
    await page.keyboard.press("ArrowDown");
    await eventually(pointed).not.toContain("On-call");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowUp");
    await eventually(() => field.getAttribute("aria-activedescendant")).not.toBe("palette-option-0");
    await page.keyboard.press("Escape");
    await eventually(() => palette(page).isVisible()).toBe(false);
    await page.keyboard.press("Control+k");
    await eventually(() => palette(page).isVisible()).toBe(true);
    await page.keyboard.press("Control+k");
    await eventually(() => palette(page).isVisible()).toBe(false);
  });

  it("opens a batch by its id, and this page as of a time", async () => {
    const page = await open(weir.url(FEED_PAGE));
    await openPalette(page);
    await page.keyboard.type("batch-f");
    await eventually(() => chosen(page).innerText()).toBe("Batch batch-f");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/batches\/batch-f$/);
    await openPalette(page);
    await page.keyboard.type("as of now-nothing");
    await page.keyboard.press("Control+a");
    await page.keyboard.type("-1s");
    await eventually(() => chosen(page).innerText()).toBe("As of -1s");
  });

  it("switches the theme in place", async () => {
    const page = await open(weir.url("/"), { colorScheme: "light" });
    await openPalette(page);
    await page.keyboard.type("switch light");
    await eventually(() => chosen(page).innerText()).toBe("Switch between light and dark");
    await page.keyboard.press("Enter");
    expect(await page.locator("html").getAttribute("data-theme")).toBe("dark");
  });

  it("is a link to the search without script", async () => {
    const page = await open(weir.url("/"), { javaScriptEnabled: false });
    expect(await page.getByRole("link", { name: "Go to…" }).getAttribute("href")).toBe("/search");
  });
});

const picked = (page: Page) => page.locator("tr.picked").innerText();
const said = (page: Page) => page.locator("#said").innerText();
const clipboard = (page: Page) => page.evaluate(() => navigator.clipboard.readText());

async function onFeed(query: string): Promise<Page> {
  const page = await open(weir.url(`${FEED_PAGE}?${query}`), { permissions: ["clipboard-read", "clipboard-write"] });
  await untilLive(page);
  await page.keyboard.press("j");
  await eventually(() => page.locator("tr.picked").count()).toBe(1);
  return page;
}

describe("keys on a row", () => {
  it("e copies the whole error, c the row, v the cell that the arrows stepped to", async () => {
    const page = await onFeed("status=FAILED");
    await page.keyboard.press("e");
    await eventually(() => said(page)).toBe("Copied the error.");
    expect(await clipboard(page)).toBe(LONG_ERROR);
    await page.keyboard.press("c");
    await eventually(() => said(page)).toBe("Copied the row.");
    expect((await clipboard(page)).split("\t").slice(0, 4)).toEqual(["batch-f", "orders", "load", "FAILED"]);
    await page.keyboard.press("v");
    await eventually(() => said(page)).toContain("arrow keys");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("v");
    await eventually(() => clipboard(page)).toBe("orders");
  });

  it("x chooses rows, and c copies them all", async () => {
    const page = await onFeed("pipelineName=orders&pipelineName=invoices");
    await page.keyboard.press("x");
    await page.keyboard.press("j");
    await page.keyboard.press("x");
    await page.keyboard.press("c");
    await eventually(() => said(page)).toBe("Copied 2 rows.");
    expect((await clipboard(page)).split("\n")).toHaveLength(2);
  });

  it("f shows only what is like the row, ! all but the cell", async () => {
    const page = await onFeed("q=batch-g");
    expect(await picked(page)).toContain("invoices");
    await page.keyboard.press("f");
    await page.waitForURL(/pipelineName=invoices/);
    await untilLive(page);
    await page.keyboard.press("j");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("!");
    await page.waitForURL(/stageName%21=audit/);
    expect(new URL(page.url()).searchParams.get("pipelineName")).toBe("invoices");
  });

  it("the bar below the table does the same", async () => {
    const page = await onFeed("status=FAILED");
    await page.getByRole("toolbar", { name: "The row" }).getByRole("button", { name: "Copy error" }).click();
    await eventually(() => said(page)).toBe("Copied the error.");
  });
});

describe("keys of every page", () => {
  it("g and a second key go to the pages of the header", async () => {
    const page = await open(weir.url("/"));
    await untilLive(page);
    await page.keyboard.press("g");
    await page.keyboard.press("r");
    await page.waitForURL(/\/pipelines$/);
    await page.keyboard.press("g");
    await page.keyboard.press("a");
    await page.waitForURL(/\/feeds\/pipeline_events$/);
    await page.keyboard.press("g");
    await page.keyboard.press("o");
    await page.waitForURL(/\/$/);
  });

  it("the help lists what this page has", async () => {
    const page = await open(weir.url("/dashboards"));
    await page.keyboard.press("?");
    const help = page.getByRole("dialog", { name: "Keys" });
    await help.getByText("Dashboards").waitFor();
    await eventually(() => help.getByText("Next row").isVisible()).toBe(false);
    await page.goto(weir.url(FEED_PAGE));
    await untilLive(page);
    await page.keyboard.press("?");
    await eventually(() => help.getByText("Next row").isVisible()).toBe(true);
  });

  it("pages are behind a button on a phone, also without script", async () => {
    const page = await open(weir.url("/"), { javaScriptEnabled: false, viewport: { width: 390, height: 700 } });
    const pages = page.getByRole("navigation", { name: "Pages" });
    expect(await pages.isVisible()).toBe(false);
    await page.getByRole("button", { name: "Pages" }).click();
    await pages.getByRole("link", { name: "Pipelines" }).click();
    await page.waitForURL(/\/pipelines$/);
  });
});

describe("Back", () => {
  it("finds what was open and where the page was scrolled to", async () => {
    const page = await open(weir.url(FEED_PAGE), { viewport: { width: 1000, height: 500 } });
    await untilLive(page);
    const row = page.locator("#rows tbody > tr").nth(80);
    await row.scrollIntoViewIfNeeded();
    await eventually(() => page.evaluate(() => scrollY)).toBeGreaterThan(500);
    const before = await page.evaluate(() => scrollY);
    await row.getByRole("link").click();
    await page.waitForURL(/\/batches\//);
    await page.goBack();
    await eventually(async () => Math.abs((await page.evaluate(() => scrollY)) - before)).toBeLessThan(200);
  });
});
