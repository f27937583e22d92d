/** A batch that opens beside the list it was found in: by keyboard, by address, without script, in the present and in the past. */
import type { Page } from "playwright";
import { beforeAll, describe, expect, it } from "vitest";
import { browserTabs, clickThrough, eventually } from "../support/browser";
import { eventRow, eventRows, FEED_PAGE, isMarked, markPage, untilLive } from "../support/pages";
import { runningWeir } from "../support/weir";

const weir = runningWeir();
const { open } = browserTabs();

/** No path can carry it as it is. */
const ODD = "nightly/ü & co #7";
const WITH_ODD = `${FEED_PAGE}?open.batch=${encodeURIComponent(ODD)}`;

let before: string;

beforeAll(async () => {
  const many = Array.from({ length: 60 }, (_, i) => `b-${i}`);
  await weir.publish(many.map((id) => weir.event({ eventId: `of-${id}`, correlationId: id, stageName: "load" })));
  before = await weir.publish([
    weir.event({ eventId: "odd-1", correlationId: ODD, stageName: "load", status: "RUNNING" }),
  ]);
});

const drawerOf = (page: Page) => page.getByRole("dialog", { name: /^Batch / });
const addressOf = (page: Page): string => page.url().slice(weir.address.length);
const focused = (page: Page): Promise<string> =>
  page.evaluate(() => (document.activeElement as HTMLElement).innerText.trim());

/** Its row picked, and opened by key. */
async function openBeside(page: Page, batch: string): Promise<void> {
  await eventRow(page, batch).locator("td").nth(1).click();
  await page.keyboard.press("o");
  await drawerOf(page).getByRole("heading", { name: "Attempts" }).waitFor();
}

describe("a batch beside its list", () => {
  it("opens and closes by keys; the list stays where it was, and the focus returns to its row", async () => {
    const page = await open(weir.url(FEED_PAGE));
    await untilLive(page);
    await markPage(page);
    await page.keyboard.press("j");
    await page.keyboard.press("o");
    await drawerOf(page).getByRole("heading", { name: "Records by stage" }).waitFor();
    expect(addressOf(page)).toBe(`${FEED_PAGE}?${new URLSearchParams({ "open.batch": ODD }).toString()}`);
    expect(await focused(page)).toBe(`Batch ${ODD}`);
    await page.keyboard.press("Escape");
    await drawerOf(page).waitFor({ state: "detached" });
    expect(addressOf(page)).toBe(FEED_PAGE);
    await eventually(() => focused(page)).toBe(ODD);
    expect(await isMarked(page)).toBe(true);
  });

  it("takes the place of another; Back closes it and Forward opens it again", async () => {
    const page = await open(weir.url(FEED_PAGE));
    await untilLive(page);
    await markPage(page);
    await openBeside(page, "b-59");
    await page.evaluate(() => document.querySelector<HTMLElement>("#rows tbody > tr.picked")!.click());
    await page.keyboard.press("Escape");
    await drawerOf(page).waitFor({ state: "detached" });
    await openBeside(page, "b-58");
    await page.keyboard.press("j");
    await page.keyboard.press("o");
    await page.getByRole("dialog", { name: "Batch b-57" }).getByRole("heading", { name: "Attempts" }).waitFor();
    await page.goBack();
    await drawerOf(page).waitFor({ state: "detached" });
    expect(addressOf(page)).toBe(FEED_PAGE);
    await page.goForward();
    await page.getByRole("dialog", { name: "Batch b-57" }).getByRole("heading", { name: "Attempts" }).waitFor();
    expect(await isMarked(page)).toBe(true);
  });

  it("leads to its stages within itself, so that one step back is still the list", async () => {
    const page = await open(weir.url(FEED_PAGE));
    await untilLive(page);
    await openBeside(page, "b-40");
    await drawerOf(page).getByRole("table", { name: "Records and quality by stage" }).getByRole("link").first().click();
    expect(await drawerOf(page).innerText()).toContain("Records by stage");
    await page.goBack();
    await drawerOf(page).waitFor({ state: "detached" });
    expect(addressOf(page)).toBe(FEED_PAGE);
  });

  it("opens and closes in the order of the keys, and no further back than its list", async () => {
    const page = await open(weir.url(FEED_PAGE));
    await clickThrough(page.getByRole("link", { name: "Charts", exact: true }).last());
    await page.goto(weir.url(FEED_PAGE));
    for (const key of ["j", "o", "Escape", "Escape", "j", "o"]) await page.keyboard.press(key);
    // Of which row depends on whether the second Escape still found it open.
    await drawerOf(page).getByRole("heading", { name: "Attempts" }).waitFor();
    await page.evaluate(() => {
      for (let i = 0; i < 2; i++)
        document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    });
    await drawerOf(page).waitFor({ state: "detached" });
    expect(addressOf(page)).toBe(FEED_PAGE);
  });

  it("is where its address says after a reload and steps back and forward, however early", async () => {
    const page = await open(weir.url(FEED_PAGE));
    await untilLive(page);
    await openBeside(page, "b-30");
    await page.goBack();
    await page.reload();
    await page.goForward();
    await page.getByRole("dialog", { name: "Batch b-30" }).getByRole("heading", { name: "Attempts" }).waitFor();
    await page.goBack();
    await drawerOf(page).waitFor({ state: "detached" });
    expect(addressOf(page)).toBe(FEED_PAGE);
  });

  it("follows the batch while it is open, on the page's one stream", async () => {
    const page = await open(weir.url("/"));
    await untilLive(page);
    await openBeside(page, ODD);
    expect(await drawerOf(page).innerText()).toContain("Running");
    const error = "the disk of the warehouse is full";
    await weir.publish([
      weir.event({ eventId: "odd-2", correlationId: ODD, stageName: "check", status: "FAILED", errorMessage: error }),
    ]);
    await eventually(() => drawerOf(page).innerText()).toContain(error);
    const streams = await page.evaluate(
      () => performance.getEntriesByType("resource").filter(({ name }) => name.includes("/live")).length,
    );
    expect(streams).toBeLessThanOrEqual(1);
  });

  it("is there again when its reader comes Back from its page, and so is the place in the list", async () => {
    const page = await open(weir.url(FEED_PAGE));
    await untilLive(page);
    await eventRows(page).nth(40).scrollIntoViewIfNeeded();
    await openBeside(page, "b-20");
    const place = await page.evaluate(() => window.scrollY);
    expect(place).toBeGreaterThan(0);
    await clickThrough(drawerOf(page).getByRole("link", { name: "Its page" }));
    expect(addressOf(page)).toBe("/batches/b-20");
    await page.goBack();
    await drawerOf(page).getByRole("heading", { name: "Attempts" }).waitFor();
    await eventually(() => page.evaluate(() => window.scrollY)).toBe(place);
    await untilLive(page);
    await page.keyboard.press("Escape");
    await drawerOf(page).waitFor({ state: "detached" });
    expect(addressOf(page)).toBe(FEED_PAGE);
  });

  it("is whole in the server's answer, without script, now and in the past", async () => {
    const page = await open(weir.url(WITH_ODD), { javaScriptEnabled: false });
    expect(await drawerOf(page).innerText()).toContain("Records by stage");
    await clickThrough(drawerOf(page).getByRole("link", { name: /^Close/ }));
    expect(addressOf(page)).toBe(FEED_PAGE);
    expect(await eventRows(page).count()).toBeGreaterThan(50);
    await page.goto(weir.url(`${WITH_ODD}&at=${before}`));
    expect(await drawerOf(page).innerText()).toContain("Running");
    expect(await drawerOf(page).getByRole("link", { name: "Its page" }).getAttribute("href")).toContain(`at=${before}`);
  });

  it("keeps the keys and the focus on a phone, where it lies over its list", async () => {
    const page = await open(weir.url(FEED_PAGE), { viewport: { width: 390, height: 800 } });
    await untilLive(page);
    await openBeside(page, "b-50");
    const picked = () => page.locator("tr.picked").innerText();
    const before = await picked();
    await page.keyboard.press("j");
    await page.keyboard.press("Escape");
    await drawerOf(page).waitFor({ state: "detached" });
    expect(await picked()).toBe(before);
    await page.keyboard.press("j");
    await eventually(picked).not.toBe(before);
  });

  it("of which nothing is known is told so, beside a list that is shown all the same", async () => {
    const page = await open(weir.url(`${FEED_PAGE}?open.batch=never-was&status=RUNNING`));
    expect(await drawerOf(page).innerText()).toContain('No event of the batch "never-was" is known');
    expect(await eventRows(page).count()).toBe(1);
  });

  it("is closed in the addresses to which the list's filters, views and exports lead", async () => {
    const page = await open(weir.url(`${WITH_ODD}&status=RUNNING`));
    const leading = await page
      .locator("main a[href], main input[type=hidden]")
      .evaluateAll((all) =>
        all.map((one) => one.getAttribute("href") ?? one.getAttribute("value") ?? one.getAttribute("name") ?? ""),
      );
    expect(leading.filter((one) => one.includes("open.batch"))).toEqual([]);
  });
});
