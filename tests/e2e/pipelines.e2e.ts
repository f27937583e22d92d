/** Pages of pipelines and batches: read without script, followed, by keyboard, as of another time, whatever the names are. */
import { beforeAll, describe, expect, it } from "vitest";
import { browserTabs, clickThrough, eventually } from "../support/browser";
import { isMarked, markPage, scrollsSideways, untilLive, violations } from "../support/pages";
import type { PipelineEvent } from "../support/pipeline-event";
import { runningWeir } from "../support/weir";

const weir = runningWeir();
const { open } = browserTabs();
const MINUTE = 60_000;
const STAGES = ["extract", "validate_the_schema_of_everything", "load"] as const;
const HARD_NAMES = ["a/b?c=d#e%2F%", "..", ".", "täglich 💩", "y".repeat(400), "<img src=x onerror=alert(1)>"];

let began = 0;
let firstInstant = "";

/** One batch of `orders` through its stages, `ago` minutes before the tests began; bills follow orders. */
function batch(id: string, ago: number, failing?: (typeof STAGES)[number]): PipelineEvent[] {
  const events: PipelineEvent[] = [];
  const add = (more: Partial<PipelineEvent>, at: number) =>
    events.push(weir.event({ eventId: `${id}-${events.length}`, correlationId: id, eventTimestamp: at, lastUpdatedAt: at + 20_000, sourceRecordCount: 1_000, processedRecordCount: 990, qualityScore: 0.98, host: `h-${ago}`, url: "https://logs.example.org/1", ...more })); // prettier-ignore
  const start = began - ago * MINUTE;
  for (const [i, stageName] of STAGES.entries()) {
    const at = start + i * 30_000;
    if (stageName === failing) {
      add({ stageName, status: "FAILED", attempt: 1, errorMessage: `disk full on /data/${ago}\n  at write`, processedRecordCount: 0 }, at); // prettier-ignore
      add({ stageName, status: "FAILED", attempt: 2, errorMessage: "disk full on /data/7\n  at write", processedRecordCount: 0 }, at + 10_000); // prettier-ignore
      return events;
    }
    add({ stageName }, at);
  }
  add({ pipelineName: "billing", stageName: "post" }, start + 120_000);
  return events;
}

beforeAll(async () => {
  began = Date.now();
  firstInstant = await weir.publish([...batch("b-1", 40), ...batch("b-2", 30)]);
  const hard = HARD_NAMES.map((name, i) =>
    weir.event({ eventId: `hard-${i}`, pipelineName: name, correlationId: name }),
  );
  await weir.publish([...batch("b-3", 20, "load"), ...hard]);
});

describe("the list of pipelines", () => {
  it("is read and filtered without script, worst first", async () => {
    const page = await open(weir.url("/pipelines"), { javaScriptEnabled: false });
    const names = page.locator(".pipes tbody th");
    expect(await names.first().innerText()).toBe("orders");
    expect(await page.getByRole("row", { name: /orders/ }).innerText()).toMatch(/failing/);
    await page.getByRole("searchbox", { name: "Part of the name" }).fill("BILL");
    await clickThrough(page.getByRole("button", { name: "Filter" }));
    expect(await names.allInnerTexts()).toEqual(["billing"]);
    await page.goto(weir.url("/pipelines?state=failing"));
    expect(await names.allInnerTexts()).toEqual(["orders"]);
    expect(new URL(page.url()).search).toBe("?state=failing");
    await clickThrough(page.getByRole("link", { name: "orders" }));
    expect(await page.getByRole("heading", { level: 1 }).innerText()).toContain("orders");
  });

  it("is given to other programs as it is shown, in its order", async () => {
    const page = await open(weir.url("/pipelines?q=r"), { javaScriptEnabled: false });
    const shown = await page.locator(".pipes tbody th").allInnerTexts();
    await page.getByText("Export", { exact: true }).click();
    const href = (await page.getByRole("link", { name: "NDJSON of these rows" }).getAttribute("href"))!;
    const lines = (await (await fetch(weir.url(href))).text()).trim().split("\n");
    const rows = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(rows.map(({ pipelineName }) => pipelineName)).toEqual(shown);
    expect(rows[0]).toMatchObject({ pipelineName: "orders", state: "failing" });
  });

  it("follows, and is as it was at another time", async () => {
    const page = await open(weir.url("/pipelines"));
    await untilLive(page);
    await markPage(page);
    await weir.publish([weir.event({ eventId: "late-1", pipelineName: "late comer", correlationId: "l-1" })]);
    await page.getByRole("link", { name: "late comer" }).waitFor();
    expect(await isMarked(page)).toBe(true);
    await page.goto(weir.url(`/pipelines?at=${firstInstant}`));
    expect((await page.locator(".pipes tbody th").allInnerTexts()).sort()).toEqual(["billing", "orders"]);
    expect(await page.getByRole("link", { name: "orders" }).getAttribute("href")).toContain(`at=${firstInstant}`);
  });
});

describe("the page of a pipeline", () => {
  it("shows stages by batches, problems, quality and lineage without script", async () => {
    const page = await open(weir.url("/pipelines/orders"), { javaScriptEnabled: false });
    const grid = page.getByRole("grid", { name: "Stages by batches" });
    expect(await grid.getByRole("rowheader").allInnerTexts()).toEqual([...STAGES]);
    expect(await grid.getByRole("columnheader").count()).toBe(3);
    await grid.getByRole("link", { name: /FAILED, 2 attempts, .*disk full/ }).waitFor();
    expect(await page.getByRole("table", { name: "Problems of the pipeline" }).innerText()).toMatch(/disk full/);
    expect(await page.locator('[data-part="quality"]').innerText()).toMatch(/98\.0 %/);
    expect(await page.locator('[data-part="lineage"]').innerText()).toMatch(/Downstream\s+billing ok 2 batches/);
    await page.getByText("Its last batches as a table").click();
    await clickThrough(page.getByRole("table", { name: /The last 3 batches/ }).getByRole("link", { name: "b-3" }));
    expect(await page.getByRole("heading", { level: 1 }).innerText()).toContain("b-3");
  });

  it("is gone through by keyboard and opens a batch at its stage", async () => {
    const page = await open(weir.url("/pipelines/orders"));
    await untilLive(page);
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? "");
    const said = page.locator("#pgrid-said");
    await page.locator("#pgrid [tabindex='0']").focus();
    expect(await focused()).toMatch(/^b-3: failed/);
    await page.keyboard.press("ArrowLeft");
    await eventually(focused).toMatch(/^b-2: completed/);
    for (const key of ["ArrowDown", "End", "ArrowDown", "ArrowDown"]) {
      const before = await said.innerText();
      await page.keyboard.press(key);
      await eventually(() => said.innerText()).not.toBe(before);
    }
    expect(await focused()).toMatch(/^FAILED, 2 attempts/);
    expect(await said.innerText()).toMatch(/^load in b-3: FAILED/);
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/batches\/b-3#lane_/);
  });

  it("follows new batches under somebody who stands in its grid", async () => {
    const page = await open(weir.url("/pipelines/billing"));
    await untilLive(page);
    await markPage(page);
    await page.locator("#pgrid [tabindex='0']").focus();
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute("aria-label") ?? "");
    expect(await focused()).toMatch(/^b-2/);
    await weir.publish([
      weir.event({ eventId: "n-1", pipelineName: "billing", stageName: "post", correlationId: "b-9" }),
    ]);
    await page
      .getByRole("grid")
      .getByRole("link", { name: /^b-9: completed/ })
      .waitFor({ state: "attached" });
    expect(await focused()).toMatch(/^b-2/);
    expect(await isMarked(page)).toBe(true);
  });

  it("has an address whatever its name is, and so have its batches", async () => {
    const page = await open(weir.url("/pipelines"), { javaScriptEnabled: false });
    const links = await page.evaluate(() =>
      [...document.querySelectorAll<HTMLAnchorElement>(".pipes tbody th a")].map(
        (a) => [a.textContent, a.href] as const,
      ),
    );
    for (const name of HARD_NAMES) {
      const href = links.find(([text]) => text === name)?.[1];
      await page.goto(href!, { waitUntil: "domcontentloaded" });
      expect(await page.locator("h1").innerText()).toContain(name);
      await page.goto((await page.locator("#pgrid thead a").evaluate((a: HTMLAnchorElement) => a.href)), { waitUntil: "domcontentloaded" }); // prettier-ignore
      expect(await page.locator("h1").innerText()).toContain(name);
    }
  });

  it("says so when there is none, and what a feed is called that there is not", async () => {
    for (const [path, status, sentence] of [
      ["/api/v1/pipelines/nobody", 404, /No batch of the pipeline "nobody"/],
      ["/api/v1/batches/nothing", 404, /No event of the batch "nothing"/],
      ["/api/v1/pipelines/orders?feed=none", 404, /no feed of pipelines "none"/],
      ["/api/v1/pipelines/orders?wiht=1", 400, /no parameter "wiht"/],
      ["/pipelines?state=sad", 400, /no state of a pipeline/],
      ["/batches/b-1?with=nothing", 404, /nothing to compare with/],
    ] as const) {
      const answer = await fetch(weir.url(path), { headers: { accept: "application/json" } });
      expect([path, answer.status]).toEqual([path, status]);
      expect(((await answer.json()) as { detail: string }).detail).toMatch(sentence);
    }
  });
});

describe("the page of a batch", () => {
  it("begins with its error, and tells records, way and neighbours without script", async () => {
    const page = await open(weir.url("/batches/b-3"), { javaScriptEnabled: false });
    expect(await page.locator(".batch-error").innerText()).toMatch(/load orders\s+disk full on \/data\/7/);
    await page.getByRole("link", { name: "Its problem" }).waitFor();
    expect(await page.getByRole("table", { name: "Records and quality by stage" }).innerText()).toMatch(
      /1\.0 % 10 records/,
    );
    await clickThrough(
      page.getByRole("navigation", { name: "Neighbours in time" }).getByRole("link", { name: /b-2/ }).first(),
    );
    expect(await page.locator('[data-part="path"]').innerText()).toMatch(
      /orders completed.*\s+billing completed after orders/,
    );
    expect(await page.getByRole("link", { name: /^Logs of load/ }).getAttribute("href")).toBe(
      "https://logs.example.org/1",
    );
  });

  it("copies the error, and stands beside another batch", async () => {
    const page = await open(weir.url("/batches/b-3"), { permissions: ["clipboard-read", "clipboard-write"] });
    await untilLive(page);
    await page.getByRole("button", { name: "Copy error" }).click();
    await eventually(() => page.evaluate(() => navigator.clipboard.readText())).toBe(
      "disk full on /data/7\n  at write",
    );
    await page.getByRole("textbox", { name: /other batch/ }).fill("b-1");
    await clickThrough(page.getByRole("button", { name: "Compare" }));
    await page.waitForURL(/with=b-1/);
    const table = page.getByRole("table", { name: "This batch and the other one by stage" });
    expect(await table.getByRole("row", { name: /^load/ }).innerText()).toMatch(/FAILED 2 ×.*COMPLETED/s);
    expect(await page.locator('[data-part="compare"]').innerText()).toMatch(/host h-20 \| h-40 at every stage/);
  });

  it("is the same as facts of any commit, those of a batch kept for ever where the commit is named", async () => {
    const now = (await (await fetch(weir.url("/api/v1/batches/b-3"))).json()) as {
      attemptsInAll: number;
      path: object[];
    };
    expect(now).toMatchObject({
      attemptsInAll: 4,
      path: [],
      quality: { value: 0.98 },
      neighbours: [{ previous: "b-2" }],
    });
    const batchThen = await fetch(weir.url(`/api/v1/batches/b-2?at=${firstInstant}`));
    expect(batchThen.headers.get("cache-control")).toMatch(/immutable/);
    const then = await fetch(weir.url(`/api/v1/pipelines/orders?at=${firstInstant}`));
    // Its problems are what people say is one.
    expect(then.headers.get("cache-control")).toMatch(/no-cache/);
    const facts = (await then.json()) as { instant: string; batches: { correlationId: string }[] };
    expect([facts.instant, facts.batches.map(({ correlationId }) => correlationId)]).toEqual([
      firstInstant,
      ["b-2", "b-1"],
    ]);
    const again = await fetch(weir.url(`/api/v1/pipelines/orders?at=${firstInstant}`), {
      headers: { "if-none-match": then.headers.get("etag")! },
    });
    expect(again.status).toBe(304);
    expect((await fetch(weir.url(`/api/v1/batches/b-3?at=${firstInstant}`))).status).toBe(404);
  });
});

describe("pages of pipelines and batches", () => {
  // Others than a batch beside another one are looked at in accessibility.e2e.ts.
  it("have no barrier on a phone and fit 320, 390 and 1366 px", async () => {
    const page = await open(weir.url("/pipelines/orders"), { viewport: { width: 320, height: 800 } });
    for (const path of ["/pipelines", "/pipelines/orders", "/batches/b-3?with=b-1"]) {
      await page.goto(weir.url(path), { waitUntil: "domcontentloaded" });
      if (path.includes("with=")) expect(await violations(page), path).toEqual([]);
      for (const width of [320, 390, 1366]) {
        await page.setViewportSize({ width, height: 800 });
        expect(await scrollsSideways(page), `${path} at ${width}`).toBe(false);
      }
    }
  });
});
