/** The first page: what it says without script, how it follows, and that nothing moves under a reader. */
import type { Locator, Page } from "playwright";
import { beforeAll, describe, expect, it } from "vitest";
import { browserTabs, clickThrough, eventually } from "../support/browser";
import { countOf, isMarked, markPage, problemList, problemRow, scrollsSideways, untilLive, violations } from "../support/pages"; // prettier-ignore
import { runningWeir } from "../support/weir";

const weir = runningWeir();
const { open } = browserTabs();
const plain = { javaScriptEnabled: false };
const MINUTE = 60_000;

let healthy: string;
let published = 0;

/** A batch of two stages that began so many minutes ago; the second one fails where an error is given. */
function batch(pipelineName: string, minutesAgo: number, error: string | null = null) {
  const correlationId = `${pipelineName}-${++published}`;
  const at = Date.now() - minutesAgo * MINUTE;
  const common = { correlationId, pipelineName, processedRecordCount: 1_000, durationMs: 30_000 };
  return [
    weir.event({ ...common, eventId: `${correlationId}-1`, stageName: "extract", eventTimestamp: at }),
    weir.event({
      ...common,
      eventId: `${correlationId}-2`,
      stageName: "load",
      eventTimestamp: at + 1_000,
      ...(error !== null && { status: "FAILED" as const, errorMessage: error, processedRecordCount: 0 }),
    }),
  ];
}

beforeAll(async () => {
  const names = ["billing", "crm", "orders", "stock"];
  healthy = await weir.publish(names.flatMap((name) => [...batch(name, 170), ...batch(name, 150)]));
  await weir.publish([
    ...batch("billing", 120, "no route to db-7.example.org:5432"),
    ...batch("billing", 110, "no route to db-3.example.org:5432"),
    ...batch("orders", 20, "HTTP 429 after 3 tries"),
  ]);
});

const names = (page: Page, list: "problems" | "pipelines"): Promise<string[]> =>
  page.locator(`#${list} th a`).allInnerTexts();
const texts = (page: Page): Promise<string[]> => page.locator(".oc-table tbody tr").allInnerTexts();
const changes = (page: Page, list: "Problems" | "Pipelines") =>
  page.getByRole("region", { name: list }).getByRole("button", { name: /change/ });

/** With `j`, row by row: keys pressed while the first one waits for its code would step past the row all at once. */
async function walkTo(page: Page, row: Locator): Promise<void> {
  const picked = () => page.evaluate(() => document.querySelector(".picked")?.id ?? "none");
  const wanted = await row.getAttribute("id");
  for (let at = await picked(); at !== wanted; at = await picked()) {
    await page.keyboard.press("j");
    await eventually(picked).not.toBe(at);
  }
}

describe("the first page", () => {
  it("is complete without script: counts that lead to lists, problems by what is new, pipelines worst first", async () => {
    const page = await open(weir.url("/"), plain);
    expect(await countOf(page, "failing").innerText()).toBe("2");
    expect(await page.getByRole("link", { name: /^failing/ }).innerText()).toContain("1 new");
    expect(await names(page, "problems")).toEqual(["orders›load", "billing›load"]);
    expect(await problemRow(page, "billing").innerText()).toMatch(
      /no route to db-3\.example\.org:5432[^]*2\s+failures/,
    );
    expect(await problemRow(page, "billing").locator("i").allInnerTexts()).toEqual(["db-3.example.org:5432"]);
    expect((await names(page, "pipelines")).slice(0, 2).sort()).toEqual(["billing", "orders"]);
    await page.getByRole("img", { name: /^Last 4 batches: 2 completed, 2 failed; the newest failed/ }).waitFor();
    expect(await page.getByText(/^Tables of pipeline_events/).getAttribute("href")).toBe("/lake/pipeline_events");
    await clickThrough(problemRow(page, "billing").getByRole("link", { name: "2 failures" }));
    expect(await page.locator("#rows tbody > tr").count()).toBe(2);
    await page.goBack();
    await clickThrough(countOf(page, "failing"));
    expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe("/pipelines?state=failing");
  });

  it("sorts and filters its pipelines by address", async () => {
    const page = await open(weir.url("/?sort=name&state=failing&state=ok"), plain);
    expect(await names(page, "pipelines")).toEqual(["billing", "crm", "orders", "stock"]);
    await clickThrough(page.getByRole("link", { name: "Remove: state is ok" }));
    expect(await names(page, "pipelines")).toEqual(["billing", "orders"]);
    const wrong = await open(weir.url("/?sort=colour"), { ...plain, expected: [/400/] });
    await wrong.getByText(/pipelines can be sorted by worst, name/).waitFor();
  });

  it("follows without reload what appears, changes and recovers, and is then what the server renders (invariant 4)", async () => {
    const page = await open(weir.url("/"));
    await untilLive(page);
    await markPage(page);
    await weir.publish([...batch("stock", 1, "disk full on /var/spool/7"), ...batch("billing", 1)]);
    await eventually(() => names(page, "problems")).toEqual(["stock›load", "orders›load"]);
    await eventually(() => countOf(page, "failing").innerText()).toBe("2");
    await eventually(() => page.locator("#oc-said").innerText()).toMatch(/1 new problem: stock, load\. 1 recovered: billing, load\./); // prettier-ignore
    const followed = await texts(page);
    const fresh = await open(weir.url("/"), plain);
    // Ages are of the moment at which they were written.
    const withoutAges = (all: string[]) =>
      all.map((text) => text.replaceAll(/\d+(\.\d+)? (s|min|h)\b( \d+ (s|min)\b)?/g, "…"));
    expect(withoutAges(followed)).toEqual(withoutAges(await texts(fresh)));
    expect(await isMarked(page)).toBe(true);
  });

  it("moves nothing while somebody points at a list, and everything when they are gone", async () => {
    const page = await open(weir.url("/"));
    await untilLive(page);
    const before = await names(page, "problems");
    await problemRow(page, "orders").hover();
    await weir.publish(batch("crm", 1, "certificate of host 4 has expired"));
    await changes(page, "Problems").waitFor();
    expect(await changes(page, "Problems").innerText()).toBe("↑ 1 change");
    expect(await names(page, "problems")).toEqual(before);
    await eventually(() => countOf(page, "failing").innerText()).toBe("3");
    await page.mouse.move(1, 1);
    await eventually(() => names(page, "problems")).toContain("crm›load");
    expect(await changes(page, "Problems").count()).toBe(0);
  });

  it("is walked by keyboard, row by row, into a problem", async () => {
    const page = await open(weir.url("/"));
    await untilLive(page);
    const picked = () => page.locator("tr.picked th").innerText();
    const [first, second] = await names(page, "problems");
    await page.keyboard.press("j");
    await eventually(picked).toBe(first!);
    await page.keyboard.press("j");
    await eventually(picked).toBe(second!);
    await page.keyboard.press("k");
    await eventually(picked).toBe(first!);
    await page.keyboard.press("o");
    await page.waitForURL(/\/problems\/\w+$/);
  });

  it("reaches each batch of a strip by pointer and by keyboard, though none of them is a link beforehand", async () => {
    const page = await open(weir.url("/?sort=name"));
    await untilLive(page);
    expect(await page.locator("#pipelines a[href^='/batches/']").count()).toBe(0);
    const strip = page.locator("#pipelines tr", { hasText: "billing" }).locator("svg");
    const { x, y, width, height } = (await strip.boundingBox())!;
    await page.locator("#pipelines tr", { hasText: "billing" }).locator("th").hover();
    const peek = page.locator(".oc-peek a");
    await eventually(async () => {
      await page.mouse.move(x + width - 2, y + height / 2 + Math.random());
      return peek.count();
    }).toBe(1);
    await eventually(() => peek.innerText()).toMatch(/^billing-/);
    const newest = await peek.innerText();
    await page.mouse.move(1, 1);
    await walkTo(page, page.locator("#pipelines tr", { hasText: "billing" }));
    await page.keyboard.press("ArrowLeft");
    await eventually(() => peek.innerText()).toBe(newest);
    await eventually(() => page.evaluate(() => document.activeElement?.closest(".oc-peek") !== null)).toBe(true);
    await page.keyboard.press("Enter");
    await page.waitForURL(new RegExp(`/batches/${newest}$`));
  });

  it("is as it was at an instant of the past, its states too (invariant 5)", async () => {
    const page = await open(weir.url(`/?at=${healthy}`), plain);
    expect(await problemList(page).innerText()).toContain("Nothing is failing.");
    expect(await countOf(page, "failing").innerText()).toBe("0");
    expect((await names(page, "pipelines")).sort()).toEqual(["billing", "crm", "orders", "stock"]);
    expect(await page.getByRole("link", { name: "Acknowledge" }).count()).toBe(0);
  });

  it("every number leads on: those of a row where its name does, those of the table to the check that explains them", async () => {
    const page = await open(weir.url("/"), plain);
    const row = page.locator("#pipelines tr").filter({ hasText: "orders" });
    const number = row.locator("td.num").first();
    expect(await number.innerText()).not.toBe("");
    // What answers is the link of the row, which lies over its numbers.
    await number.hover({ force: true });
    await number.click({ force: true });
    await page.waitForURL(/\/pipelines\/orders$/);
    await page.goBack();
    const line = page.locator("#oc-tables");
    const numbers = line.locator("b");
    expect(await numbers.count()).toBeGreaterThan(0);
    expect(await line.locator("a b").count()).toBe(await numbers.count());
    await clickThrough(line.getByRole("link", { name: /small file/ }));
    expect(await page.locator("details:target").innerText()).toMatch(/small/i);
  });

  it("has no flaws of accessibility and fits, on a desk, a phone and a small phone, in both themes", async () => {
    const page = await open(weir.url("/"));
    await untilLive(page);
    for (const colorScheme of ["light", "dark"] as const)
      for (const width of [320, 390, 1366]) {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        await page.setViewportSize({ width, height: 800 });
        // The other sizes are looked at in accessibility.e2e.ts.
        if (colorScheme === "light" && width === 390)
          expect(await violations(page), `${colorScheme} ${width}`).toEqual([]);
        expect(await scrollsSideways(page), `${colorScheme} ${width}`).toBe(false);
      }
    const end = await page.locator("#oc-tables").evaluate((line) => line.getBoundingClientRect().bottom);
    expect(end).toBeLessThanOrEqual(800);
  });

  it("brings a list that scrolls by itself back to where its reader left it", async () => {
    const many = Array.from({ length: 20 }, (_, i) => batch(`many-${i}`, 5));
    await weir.publish(many.flat());
    const page = await open(weir.url("/"), { viewport: { width: 1366, height: 700 } });
    await untilLive(page);
    const box = page.locator("#pipelines-box");
    await box.evaluate((element) => element.scrollTo(0, 40));
    const place = await box.evaluate(({ scrollTop }) => scrollTop);
    expect(place).toBeGreaterThan(0);
    await eventually(() => page.evaluate(() => JSON.stringify(history.state))).toContain("pipelines-box");
    await clickThrough(page.getByRole("link", { name: "All pipelines" }));
    await page.goBack();
    expect(await box.evaluate(({ scrollTop }) => scrollTop)).toBe(place);
  });
});
