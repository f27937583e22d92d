/** The pages about tables and charts: without script, by keyboard, in the past, on a phone; ours and one that others write. */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeAvroFile } from "~/lake/hudi/avro-file";
import { openLake } from "~/lake/open";
import { localStorage } from "~/lake/storage/local";
import { getJson } from "../support/api-client";
import { browserTabs, clickThrough, eventually } from "../support/browser";
import { pipelineEvents, rowOf, stagedFile, T0 } from "../support/lake";
import { isMarked, markPage, scrollsSideways, untilLive, violations } from "../support/pages";
import { runningWeir } from "../support/weir";
import { removeFolder } from "../support/remove-folder";

const weir = runningWeir();
const { open } = browserTabs();
const HOSTILE = `<img src=x onerror="window.broken=1">`;
let first: string;
let second: string;

beforeAll(async () => {
  first = await weir.publish([weir.event({ eventId: "e-1", status: "FAILED", pipelineName: HOSTILE })]);
  second = await weir.publish([
    weir.event({ eventId: "e-2", durationMs: 1_500, processedRecordCount: 40 }),
    weir.event({ eventId: "e-3", status: "FAILED", durationMs: 9_000, processedRecordCount: 2 }),
  ]);
});

const check = (page: Page, title: string) => page.locator(".health-check", { hasText: title });
const timelineRows = (page: Page) => page.getByRole("table", { name: /^Instants of/ }).locator("tbody tr");

describe("the page about tables", () => {
  it("tells without script how they are, what happened to them, and how to read them elsewhere", async () => {
    const page = await open(weir.url("/lake/pipeline_events"), { javaScriptEnabled: false });
    await page.getByRole("heading", { level: 1, name: "Tables of Pipeline events" }).waitFor();
    await page.getByText("every check within its limit").waitFor();
    expect(await page.locator(".health-check").count()).toBe(18);
    expect(await check(page, "Partitions touched per commit").locator(".check-values").innerText()).toMatch(/p50 1/);
    await check(page, "Small files").locator("summary").click();
    await check(page, "Small files")
      .getByText(/A reader opens each file that it needs/)
      .waitFor();
    expect(await timelineRows(page).count()).toBe(2);
    expect(await timelineRows(page).first().innerText()).toContain("2 new");
    await page.getByText("DuckDB", { exact: true }).click();
    expect(await page.getByRole("region", { name: "DuckDB statement" }).innerText()).toMatch(
      /read_parquet\(\[\n {2}'\/.+\.parquet'/,
    );
    await clickThrough(page.getByRole("link", { name: "log pipeline_events_log" }));
    await page.getByRole("table", { name: "Instants of pipeline_events_log, newest first" }).waitFor();
    await clickThrough(timelineRows(page).first().getByRole("link"));
    await page.getByRole("heading", { level: 1, name: `Instant ${second}` }).waitFor();
    expect(await page.getByRole("table", { name: /^Files that commit wrote/ }).count()).toBe(2);
    expect(await page.getByText(/\.avro$/).count()).toBeGreaterThan(0);
    const changes = await page.getByRole("link", { name: "Its changes (JSON)" }).getAttribute("href");
    expect(await (await fetch(weir.url(changes!))).text()).toMatch(/"up":\[\["e-/);
  });

  it("counts keys in several partitions when asked for", async () => {
    const page = await open(weir.url("/lake/pipeline_events"), { javaScriptEnabled: false });
    await clickThrough(page.getByRole("link", { name: "Count keys in several partitions" }));
    expect(await check(page, "Keys in several partitions").innerText()).toContain("none among 3 rows");
  });

  it("is as of an instant with at= (invariant 5)", async () => {
    const page = await open(weir.url(`/lake/pipeline_events?at=${first}`));
    await page.getByText(/^You are viewing/).waitFor();
    expect(await timelineRows(page).count()).toBe(1);
    expect(await timelineRows(page).innerText()).toContain(first);
    expect(await check(page, "Locks and heartbeats").innerText()).toContain(
      "not known here: the table tells it only of now",
    );
    expect(await page.getByRole("link", { name: "Events", exact: true }).getAttribute("href")).toContain(`at=${first}`);
  });

  it("answers the same as the API, and refuses what it does not know by its name", async () => {
    const health = await getJson<{ checks: { id: string; state: string }[] }>(
      weir.address,
      "/api/v1/feeds/pipeline_events/health",
    );
    expect(health.checks.filter(({ state }) => state === "bad")).toEqual([]);
    const of = await getJson<{ actions: { table: string }[] }>(
      weir.address,
      `/api/v1/feeds/pipeline_events/timeline/${second}`,
    );
    expect(of.actions.map(({ table }) => table)).toEqual(["state", "log"]);
    for (const [path, status] of [
      ["/api/v1/feeds/pipeline_events/health?duplicates=yes", 400],
      ["/api/v1/feeds/pipeline_events/timeline/20200101000000000", 404],
      ["/api/v1/feeds/pipeline_events/timeline/now", 400],
      ["/lake/pipeline_events?table=none", 400],
      ["/lake/nothing", 404],
      ["/charts?from=-1h&to=-2h", 400],
      ["/charts?colour=red", 400],
    ] as const)
      expect([path, (await fetch(weir.url(path))).status]).toEqual([path, status]);
  });
});

describe("charts", () => {
  it("are right without script, with a table behind each, and text of events is text (invariant 8)", async () => {
    const page = await open(weir.url("/charts?from=-1h"), { javaScriptEnabled: false });
    const failures = page.locator(".chart", { hasText: "Failures" });
    expect(await failures.locator(".chart-keys").innerText()).toContain(HOSTILE);
    expect(await failures.locator(".chart-keys").innerText()).toContain("may still change");
    await failures.locator("summary").click();
    expect(await failures.getByRole("columnheader", { name: HOSTILE }).count()).toBe(1);
    const events = page.locator(".chart", { hasText: "Events" }).first();
    expect(await events.locator("svg path").count()).toBeGreaterThan(2);
    expect(await page.locator(".chart", { hasText: "Lag" }).locator(".chart-line").count()).toBeGreaterThan(0);
  });

  it("come to life when they are focused, and are read by arrow keys; nothing of that is fetched before", async () => {
    const page = await open(weir.url("/charts?from=-1h"));
    const scripts: string[] = [];
    page.on("response", (answer) => void (answer.url().endsWith(".js") && scripts.push(answer.url())));
    const plot = page.getByRole("img", { name: /^Events by status/ });
    await plot.focus();
    const cursor = page.getByRole("slider").first();
    await cursor.waitFor();
    expect(scripts.length).toBeGreaterThan(0);
    await page.keyboard.press("End");
    await page.keyboard.press("ArrowLeft");
    await eventually(() => cursor.getAttribute("aria-valuetext")).toMatch(/\d\d:\d\d to \d\d:\d\d/);
    expect(await page.locator(".chart.awake .chart-read").innerText()).toMatch(/\d\d:\d\d to \d\d:\d\d/);
    expect(await violations(page)).toEqual([]);
    // Another theme has other colours: the drawing below has them by itself.
    await page.getByRole("button", { name: "Switch between light and dark" }).click();
    await page.getByRole("img", { name: /^Events by status/ }).waitFor();
  });

  it("put a range that is drawn with the mouse into the address", async () => {
    const page = await open(weir.url("/charts?from=-1h&status=FAILED"));
    const plot = page.locator(".chart-canvas").first();
    await plot.hover();
    await page.getByRole("slider").first().waitFor();
    const box = (await plot.boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.5, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.9, box.y + 20, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/from=2.+&to=2|to=2.+&from=2/);
    const { searchParams } = new URL(page.url());
    expect(searchParams.get("status")).toBe("FAILED");
    expect(searchParams.get("from")! < searchParams.get("to")!).toBe(true);
  });
});

describe("an open page", () => {
  it("about tables is written anew after a commit", async () => {
    const page = await open(weir.url("/lake/pipeline_events"));
    await untilLive(page);
    await markPage(page);
    const third = await weir.publish([weir.event({ eventId: "e-4" })]);
    await timelineRows(page).filter({ hasText: third }).waitFor();
    expect(await isMarked(page)).toBe(true);
  });
});

describe("on a phone", () => {
  // Rules of accessibility are looked at in accessibility.e2e.ts.
  it("pages fit the window, whatever texts events have", async () => {
    const page = await open(weir.url("/charts"), { viewport: { width: 320, height: 640 } });
    expect(await scrollsSideways(page)).toBe(false);
    for (const path of ["/lake/pipeline_events", `/lake/pipeline_events/${second}`]) {
      await page.goto(weir.url(path));
      expect(await scrollsSideways(page), path).toBe(false);
    }
  });
});

/** Made by our own writer in a folder of its own, then changed as other jobs change theirs. */
const INFLIGHT = "20261121080000000";
const ROLLBACK = "20261121090500000";

async function someoneElsesLake(): Promise<Record<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), "weir-others-"));
  const storage = localStorage(folder);
  const feed = await pipelineEvents();
  let now = T0;
  const made = await openLake({ storage, folder: "lake", clock: { now: () => (now += 1_000) }, retainMs: 600_000 });
  const { writer } = await made.tables(feed);
  await writer.recover();
  for (const eventId of ["a", "b"]) {
    const row = { eventId, correlationId: "b", pipelineName: "orders", stageName: "load", status: "COMPLETED" };
    await writer.commit([stagedFile(eventId, [rowOf(feed, { ...row, eventTimestamp: T0, lastUpdatedAt: T0 })])]);
  }
  await made.close();
  const timeline = "lake/pipeline_events/.hoodie";
  await storage.write(`${timeline}/${INFLIGHT}.commit.requested`, new Uint8Array());
  await storage.write(`${timeline}/${INFLIGHT}.inflight`, Buffer.from("{}"));
  const undone = encodeAvroFile(
    { type: "record", name: "R", fields: [{ name: "commitsRollback", type: { type: "array", items: "string" } }] },
    { commitsRollback: ["20261121090400000"] },
    Buffer.alloc(16, 1),
  );
  await storage.write(`${timeline}/${ROLLBACK}.rollback`, undone);
  cleanups.push(() => removeFolder(folder));
  return { WEIR_WRITER: "none", WEIR_LAKE_URL: `file:${join(folder, "lake")}` };
}

const cleanups: (() => Promise<void>)[] = [];

describe("a table that others write", () => {
  const others = runningWeir(someoneElsesLake);
  afterAll(() => Promise.all(cleanups.map((cleanup) => cleanup())));

  it("shows what a crash left inflight and what was rolled back, and says what to do", async () => {
    const page = await open(others.url("/lake/pipeline_events"), { javaScriptEnabled: false });
    await page.getByText("past a limit").waitFor();
    const pending = check(page, "Begun and not completed");
    expect(await pending.getAttribute("data-state")).toBe("bad");
    expect(await pending.innerText()).toMatch(/commit inflight[\s\S]*What to do: See whether its writer still runs/);
    expect(await check(page, "Failed and rolled back").innerText()).toContain("1 rollback");
    expect(await timelineRows(page).filter({ hasText: INFLIGHT }).innerText()).toContain("inflight");
    await clickThrough(timelineRows(page).filter({ hasText: ROLLBACK }).getByRole("link"));
    await page.getByText("20261121090400000").waitFor();
  });
});
