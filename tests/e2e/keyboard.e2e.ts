/** Everything an operator needs, without a mouse. */
import type { Page } from "playwright";
import { beforeAll, describe, expect, it } from "vitest";
import { browserTabs, eventually } from "../support/browser";
import { FEED_PAGE, stateText, untilLive } from "../support/pages";
import { runningWeir } from "../support/weir";

const weir = runningWeir();
const { open } = browserTabs();

beforeAll(async () => {
  const stages = ["extract", "validate", "load"];
  await weir.publish(
    stages.map((stageName, i) => weir.event({ eventId: `e-${i}`, correlationId: `batch-${i}`, stageName })),
  );
});

/** What has the focus, as assistive technology names it. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const element = document.activeElement as HTMLElement;
    return element.ariaLabel ?? (element.id || element.innerText.trim() || element.tagName);
  });

/** Whether the focused element is marked by an outline or a ring. */
const isFocusVisible = (page: Page): Promise<boolean> =>
  page.evaluate(() => {
    const element = document.activeElement!;
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    const isOutlined = outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 1;
    return element.matches(":focus-visible") && (isOutlined || boxShadow !== "none");
  });

const picked = (page: Page) => page.locator("tr.picked").innerText();

describe("with the keyboard alone", () => {
  it("keys are answered in the order in which they were pressed, however cold the page", async () => {
    const page = await open(weir.url(FEED_PAGE));
    for (const key of ["j", "j", "k", "j", "x"]) await page.keyboard.press(key);
    await page.locator("tr.chosen").waitFor();
    expect(await page.locator("tr.picked.chosen").innerText()).toContain("batch-1");
  });

  it("the first stop leads past the header to the content", async () => {
    const page = await open(weir.url("/"));
    await page.keyboard.press("Tab");
    expect(await focused(page)).toBe("Skip to content");
    expect(await isFocusVisible(page)).toBe(true);
    await page.keyboard.press("Enter");
    await eventually(() => focused(page)).toBe("main");
  });

  it("every stop of a page can be seen", async () => {
    const page = await open(weir.url(`${FEED_PAGE}?status=COMPLETED`));
    await untilLive(page);
    const unseen: string[] = [];
    const stops = new Set<string>();
    for (;;) {
      await page.keyboard.press("Tab");
      const isDone = await page.evaluate(() => {
        const element = document.activeElement;
        if (element === null || element === document.body || element.hasAttribute("data-stop")) return true;
        element.setAttribute("data-stop", "");
        return false;
      });
      if (isDone) break;
      stops.add(await focused(page));
      if (!(await isFocusVisible(page))) unseen.push(await focused(page));
    }
    expect(unseen).toEqual([]);
    expect([...stops]).toEqual(expect.arrayContaining(["Skip to content", "search", "pause", "batch-0", "batch-2"]));
  });

  it("/ goes to the search, what is typed stays in it, and Enter filters", async () => {
    const page = await open(weir.url(FEED_PAGE));
    await page.keyboard.press("/");
    await eventually(() => focused(page)).toBe("search");
    await page.keyboard.type("jkp?t load");
    expect(await page.getByRole("searchbox").inputValue()).toBe("jkp?t load");
    expect(await stateText(page)).not.toMatch(/^Paused/);
    await page.getByRole("searchbox").fill("validate");
    await page.keyboard.press("Enter");
    await page.waitForURL(/q=validate/);
    await eventually(() => page.locator("#rows tbody > tr").count()).toBe(1);
  });

  it("j and k walk the rows, Esc leaves them, Enter opens the batch", async () => {
    const page = await open(weir.url(FEED_PAGE));
    await untilLive(page);
    await page.keyboard.press("j");
    await eventually(() => picked(page)).toContain("batch-2");
    expect(await focused(page)).toBe("batch-2");
    expect(await isFocusVisible(page)).toBe(true);
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await eventually(() => picked(page)).toContain("batch-0");
    await page.keyboard.press("k");
    await eventually(() => picked(page)).toContain("batch-1");
    await page.keyboard.press("Escape");
    await eventually(() => page.locator("tr.picked").count()).toBe(0);
    await page.keyboard.press("j");
    await eventually(() => focused(page)).toBe("batch-2");
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/batches\/batch-2$/);
  });

  it("t opens time travel at its field, and Esc closes it and gives the focus back", async () => {
    const page = await open(weir.url("/"));
    await untilLive(page);
    await page.keyboard.press("t");
    await eventually(() => focused(page)).toBe("travel-at");
    await page.keyboard.press("Escape");
    await eventually(() => page.getByLabel("Show the page as of (UTC)").isVisible()).toBe(false);
    expect(await focused(page)).toBe("Time travel");
    await page.keyboard.press("t");
    await eventually(() => focused(page)).toBe("travel-at");
    await page.keyboard.type("now");
    await page.keyboard.press("Enter");
    await page.getByText(/^You are viewing/).waitFor();
  });

  it("p pauses and goes on", async () => {
    const page = await open(weir.url("/"));
    await untilLive(page);
    await page.keyboard.press("p");
    await eventually(() => stateText(page)).toMatch(/^Paused/);
    await page.keyboard.press("p");
    await untilLive(page);
  });

  it("? shows the keys, and Esc closes them", async () => {
    const page = await open(weir.url("/"));
    await untilLive(page);
    await page.keyboard.press("?");
    const help = page.getByRole("dialog", { name: "Keys" });
    await help.waitFor();
    await page.keyboard.press("Escape");
    await eventually(() => help.isVisible()).toBe(false);
    await page.getByRole("button", { name: "Keyboard help" }).focus();
    await page.keyboard.press("Enter");
    await help.waitFor();
    await help.getByRole("button", { name: "Close" }).click();
    await eventually(() => help.isVisible()).toBe(false);
  });
});
