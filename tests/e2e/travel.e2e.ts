/** Moving in time, comparing two moments, and keeping one: by keyboard alone, and without script. */
import type { Page } from "playwright";
import { beforeAll, describe, expect, it } from "vitest";
import { browserTabs, clickThrough, eventually } from "../support/browser";
import { FEED_PAGE, scrollsSideways, stateLine, untilLive, violations } from "../support/pages";
import { timeOf } from "~/model/instant";
import { until } from "../support/until";
import { runningWeir } from "../support/weir";

const weir = runningWeir();
const { open } = browserTabs();
const plain = { javaScriptEnabled: false };

let first: string;
let second: string;

beforeAll(async () => {
  first = await weir.publish([weir.event({ eventId: "e-1", correlationId: "batch-a", status: "RUNNING" })]);
  // Pages tell seconds: both ends of the line of time have one of their own.
  await until("another second", () => Date.now() >= timeOf(first) + 2_000);
  second = await weir.publish([
    weir.event({
      eventId: "e-2",
      correlationId: "batch-b",
      stageName: "load",
      status: "FAILED",
      errorMessage: "no route",
    }),
  ]);
});

const LOOKS = [
  ["light", 320],
  ["dark", 1366],
] as const;
const viewing = (page: Page) => page.getByText(/^You are viewing/);
const at = (page: Page) => new URL(page.url()).searchParams.get("at");

/** All of a page of the past is there: a key that is pressed while it still arrives meets nobody. */
async function untilViewing(page: Page): Promise<void> {
  await viewing(page).waitFor();
  await page.waitForLoadState("domcontentloaded");
}

describe("by keyboard alone", () => {
  it("[ and ] step from commit to commit, and after the newest comes the present", async () => {
    const page = await open(weir.url("/"));
    await untilLive(page);
    await page.keyboard.press("[");
    await untilViewing(page);
    expect(at(page)).toBe(first);
    await page.keyboard.press("]");
    await eventually(() => at(page)).toBe(second);
    await untilViewing(page);
    await page.keyboard.press("]");
    await untilLive(page);
    expect(new URL(page.url()).search).toBe("");
  });

  it("the slider tells the moment that it would go to, and Enter goes there, to its very beginning too", async () => {
    const page = await open(weir.url(`${FEED_PAGE}?at=${second}&status=FAILED`));
    const slider = page.getByRole("slider", { name: "Moment to show" });
    await slider.focus();
    const told = await slider.getAttribute("aria-valuetext");
    await page.keyboard.press("Home");
    await eventually(() => slider.getAttribute("aria-valuetext")).not.toBe(told);
    const output = page.locator(".past-bar output");
    await eventually(async () => (await output.innerText()) === (await slider.getAttribute("aria-valuetext"))).toBe(
      true,
    );
    expect(at(page)).toBe(second);
    await page.keyboard.press("Enter");
    // Its beginning is the oldest instant, which can be shown.
    await eventually(() => at(page)).toBe(String(timeOf(first)));
    await viewing(page).waitFor();
    expect(new URL(page.url()).searchParams.get("status")).toBe("FAILED");
  });
});

describe("without script", () => {
  it("the line of time, the steps and the pin are links and forms", async () => {
    const page = await open(weir.url(`/?at=${second}`), plain);
    await clickThrough(page.getByRole("link", { name: "Previous" }));
    expect(at(page)).toBe(first);
    await clickThrough(page.getByRole("button", { name: "Show" }));
    expect(at(page)).toMatch(/^\d{13}$/);
    await page.goto(weir.url(`/?at=${first}`));
    await page.getByText("Link and pin").click();
    await page.getByLabel("Note").fill("how it began");
    await clickThrough(page.getByRole("button", { name: "Pin it" }));
    await page.getByText("Pinned", { exact: true }).click();
    await page.getByText("Pinned: how it began. The link works for good.").waitFor();
    await clickThrough(page.getByRole("link", { name: "All pins" }));
    await page.getByText("how it began").waitFor();
    await clickThrough(page.getByRole("button", { name: /^Remove the pin/ }));
    await page.getByText("Nothing is pinned.").waitFor();
  });

  it("two moments are compared by form, and a page with vs leads there", async () => {
    const page = await open(weir.url(`/?at=${first}`), plain);
    await clickThrough(page.getByRole("link", { name: "Changes since" }));
    await page.getByRole("heading", { name: /^What changed/ }).waitFor();
    const problems = page.getByRole("region", { name: "Problems" });
    expect(await problems.innerText()).toMatch(/newly failing[\s\S]*load[\s\S]*no route/);
    await clickThrough(page.getByRole("link", { name: "List the batches" }));
    expect(await page.getByRole("region", { name: "Batches" }).innerText()).toContain("batch-b");
    await clickThrough(page.getByRole("region", { name: "Pipelines" }).getByRole("link", { name: "orders" }));
    expect(at(page)).toMatch(/^\d{17}$/);
    await page.getByRole("heading", { name: "orders" }).waitFor();
    await page.goto(weir.url(`/?at=${first}&vs=${second}`));
    expect(new URL(page.url()).pathname).toBe("/difference");
    expect(await problems.innerText()).toContain("no route");
  });
});

describe("since somebody last looked", () => {
  it("the on-call page counts what changed, leads to it, and forgets it when they say so", async () => {
    const page = await open(weir.url("/"));
    await untilLive(page);
    const line = page.getByRole("region", { name: "Since you last looked" });
    expect(await line.count()).toBe(0);
    const between = String(timeOf(first) + 1);
    await page.context().addCookies([{ name: "weir_since", value: between, url: weir.address }]);
    await page.reload();
    await eventually(() => line.innerText()).toContain("1 new problem, 0 recovered, 0 still failing");
    await page.keyboard.press("d");
    await page.getByRole("heading", { name: /^What changed/ }).waitFor();
    await page.goBack();
    await page.reload();
    await clickThrough(line.getByRole("button", { name: "Mark as seen" }));
    await untilLive(page);
    expect(await line.count()).toBe(0);
  });
});

describe("the report of an incident", () => {
  it("is Markdown with pinned links, made by a form", async () => {
    const { rows } = (await (await fetch(weir.url("/api/v1/views/problems/rows"))).json()) as {
      rows: { id: string }[];
    };
    const page = await open(weir.url(`/problems/${rows[0]!.id}`), {
      ...plain,
      // A text has no icon, and the browser asks for one all the same.
      expected: [/favicon|404/],
    });
    await clickThrough(page.getByRole("button", { name: "Incident report" }));
    const report = await page.locator("body").innerText();
    expect(report).toContain("# Incident: `orders` › `load`");
    expect(report).toContain("no route");
    expect(report).toContain("`batch-b`");
    expect(report).toMatch(/when the first failure was known\]\(<http:\/\/[^>]+\?at=\d{17}>\), pinned/);
  });
});

describe("no rule of accessibility is broken", { timeout: 60_000 }, () => {
  // Pages of the past, differences and pins are looked at in accessibility.e2e.ts, with their menus closed.
  it("on the frame of the past with its menu open, on a phone in the light and on a desk in the dark", async () => {
    const found: string[] = [];
    const page = await open(weir.url(`/?at=${first}`));
    // An incident report may have pinned it.
    await page.getByText(/^(Link and pin|Pinned)$/).click();
    for (const [colorScheme, width] of LOOKS) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 800 });
      found.push(...(await violations(page)).map((one) => `${colorScheme}, ${width}: ${one}`));
      if (await scrollsSideways(page)) found.push(`${width}: scrolls sideways`);
    }
    await page.goto(weir.url("/"));
    await stateLine(page).getByText("Time travel").click();
    found.push(...(await violations(page)));
    expect(found).toEqual([]);
  });
});
