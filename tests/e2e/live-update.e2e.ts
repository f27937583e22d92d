/** What is published appears on open pages by itself (invariant 4). */
import { beforeAll, describe, expect, it } from "vitest";
import { eventually, browserTabs } from "../support/browser";
import {
  columnTexts,
  countOf,
  eventRow,
  eventRows,
  FEED_PAGE,
  isMarked,
  markPage,
  problemList,
  problemRow,
  stateText,
  untilLive,
} from "../support/pages";
import { runningWeir } from "../support/weir";

const weir = runningWeir();
const { open } = browserTabs();

beforeAll(async () => {
  await weir.publish([
    weir.event({ eventId: "e-1", correlationId: "batch-a", stageName: "extract", processedRecordCount: 1_200 }),
    weir.event({ eventId: "e-2", correlationId: "batch-a", stageName: "load", status: "RUNNING" }),
  ]);
});

describe("an open page", () => {
  it("moves nothing while nothing happens: it stays open all night", async () => {
    const page = await open(weir.url("/"));
    await untilLive(page);
    expect(await page.evaluate(() => document.getAnimations().map(({ playState }) => playState))).toEqual([]);
  });

  it("shows what is published without reload, on the on-call page, with counts and problems", async () => {
    const page = await open(weir.url("/"));
    await untilLive(page);
    await markPage(page);
    expect(await page.getByText("Nothing is failing.").isVisible()).toBe(true);
    const completed = weir.event({ eventId: "e-3", correlationId: "batch-b" });
    const failed = weir.event({
      eventId: "e-4",
      correlationId: "batch-b",
      stageName: "transform",
      status: "FAILED",
      errorMessage: "disk quota exceeded\n  at writeBlock",
    });
    await weir.publish([completed, failed]);

    await eventRow(page, "disk quota exceeded").waitFor();
    await eventually(() => countOf(page, "failed 24 h").innerText()).toBe("1");
    await eventually(() => countOf(page, "done 24 h").innerText()).toBe("2");
    await problemList(page).getByText("disk quota exceeded").waitFor();
    await problemRow(page, "transform").getByRole("link", { name: "1 failure" }).waitFor();

    await weir.publish([weir.event({ ...failed, status: "COMPLETED", errorMessage: null, lastUpdatedAt: Date.now() })]);
    await page.getByText("Nothing is failing.").waitFor();
    await eventually(() => countOf(page, "failed 24 h").innerText()).toBe("0");
    expect(await isMarked(page)).toBe(true);
  });

  it("links and pins the commit that it shows by now, not the one that it was loaded with", async () => {
    const page = await open(weir.url(`${FEED_PAGE}?status=COMPLETED`));
    await untilLive(page);
    const instant = await weir.publish([weir.event({ eventId: "e-5", correlationId: "batch-link" })]);
    await eventRow(page, "batch-link").waitFor();
    await page.keyboard.press("t");
    const link = page.getByLabel("Link to exactly this");
    await eventually(() => link.inputValue()).toBe(weir.url(`${FEED_PAGE}?status=COMPLETED&at=${instant}`));
    await page.getByLabel("Note", { exact: true }).fill("as I see it");
    await page.getByRole("button", { name: "Pin it" }).click();
    await page.waitForURL(new RegExp(`at=${instant}`));
    const { pins } = (await (await fetch(weir.url("/api/v1/feeds/pipeline_events/pins"))).json()) as {
      pins: { instant: string; note: string }[];
    };
    expect(pins).toMatchObject([{ instant, note: "as I see it" }]);
  });

  it("keeps the order that was chosen in a head while events arrive", async () => {
    const page = await open(weir.url(`${FEED_PAGE}?correlationId=batch-s`));
    await page.getByRole("link", { name: "Records processed: largest first" }).click();
    await page.waitForURL(/sort=-processedRecordCount/);
    await untilLive(page);
    const event = (count: number | null, id = `s-${count}`, updatedAt = Date.now()) =>
      weir.event({ eventId: id, correlationId: "batch-s", stageName: id, processedRecordCount: count, lastUpdatedAt: updatedAt }); // prettier-ignore
    await weir.publish([event(30), event(null), event(1_000), event(200)]);
    await eventually(() => columnTexts(page, "Stage")).toEqual(["s-1000", "s-200", "s-30", "s-null"]);
    await weir.publish([event(500, "s-30", Date.now() + 1)]);
    await eventually(() => columnTexts(page, "Stage")).toEqual(["s-1000", "s-30", "s-200", "s-null"]);
  });

  it("patches a row in place and puts a new one at its place in time", async () => {
    const page = await open(weir.url(`${FEED_PAGE}?correlationId=batch-c`));
    await untilLive(page);
    expect(await eventRows(page).count()).toBe(0);
    const now = Date.now();
    const event = (id: string, ageMs: number, status: "RUNNING" | "COMPLETED", count: number | null = null) =>
      weir.event({
        eventId: id,
        correlationId: "batch-c",
        stageName: `stage-${id}`,
        status,
        eventTimestamp: now - ageMs,
        lastUpdatedAt: now - ageMs + (count ?? 0),
        processedRecordCount: count,
      });
    await weir.publish([event("c-1", 50_000, "RUNNING"), event("c-3", 30_000, "RUNNING")]);
    await eventually(() => columnTexts(page, "Stage")).toEqual(["stage-c-3", "stage-c-1"]);
    const element = await eventRow(page, "stage-c-1").elementHandle();

    await weir.publish([event("c-1", 50_000, "COMPLETED", 1_234_567), event("c-2", 40_000, "RUNNING")]);
    await eventually(() => columnTexts(page, "Stage")).toEqual(["stage-c-3", "stage-c-2", "stage-c-1"]);
    expect(await columnTexts(page, "Status")).toEqual(["RUNNING", "RUNNING", "COMPLETED"]);
    expect(await columnTexts(page, "Records processed")).toEqual(["", "", "1,234,567"]);
    expect(await eventRow(page, "stage-c-1").evaluate((row, before) => row === before, element)).toBe(true);
  });

  it("takes a row out that no longer matches the filter", async () => {
    const failed = weir.event({ eventId: "d-1", correlationId: "batch-d", status: "FAILED", errorMessage: "no route" });
    await weir.publish([failed]);
    const page = await open(weir.url(`${FEED_PAGE}?status=FAILED&correlationId=batch-d`));
    await untilLive(page);
    expect(await eventRows(page).count()).toBe(1);
    await weir.publish([weir.event({ ...failed, status: "RETRYING", lastUpdatedAt: Date.now() })]);
    await eventually(() => eventRows(page).count()).toBe(0);
    await page.getByText("No event matches.").waitFor();
    await weir.publish([weir.event({ ...failed, status: "FAILED", lastUpdatedAt: Date.now() + 1_000 })]);
    await eventually(() => columnTexts(page, "Error")).toEqual(["no route"]);
  });

  it("follows a batch through its stages", async () => {
    const started = weir.event({ eventId: "b-1", correlationId: "batch-e", stageName: "extract", status: "RUNNING" });
    await weir.publish([started]);
    const page = await open(weir.url("/batches/batch-e"));
    await untilLive(page);
    const attempts = page.getByRole("table", { name: "Attempts in the order of their stages" });
    expect(await attempts.getByRole("row").count()).toBe(2);
    await weir.publish([
      weir.event({ ...started, status: "COMPLETED", processedRecordCount: 500, lastUpdatedAt: Date.now() }),
      weir.event({
        eventId: "b-2",
        correlationId: "batch-e",
        stageName: "load",
        status: "FAILED",
        errorMessage: "key twice",
      }),
    ]);
    await attempts.getByRole("row", { name: /load.*FAILED.*key twice/ }).waitFor();
    await attempts.getByRole("row", { name: /extract.*COMPLETED.*500/ }).waitFor();
  });

  it("holds still while it is paused and catches up afterwards", async () => {
    const page = await open(weir.url(`${FEED_PAGE}?correlationId=batch-p`));
    await untilLive(page);
    await page.getByRole("button", { name: "Pause" }).click();
    await eventually(() => stateText(page)).toMatch(/^Paused/);
    await weir.publish([weir.event({ eventId: "p-1", correlationId: "batch-p" })]);
    expect(await eventRows(page).count()).toBe(0);
    await page.getByRole("button", { name: "Go on" }).click();
    await eventually(() => eventRows(page).count()).toBe(1);
    await untilLive(page);
  });

  it("lets nothing jump below a reader's eyes and says how many changes wait", async () => {
    const old = Array.from({ length: 90 }, (_, i) => weir.event({ eventId: `r-${i}`, correlationId: "batch-r" }));
    await weir.publish(old);
    const page = await open(weir.url(`${FEED_PAGE}?correlationId=batch-r`), { viewport: { width: 1280, height: 700 } });
    await untilLive(page);
    await page.mouse.wheel(0, 1_500);
    await eventually(() => page.evaluate(() => scrollY)).toBeGreaterThan(800);
    await weir.publish([weir.event({ eventId: "r-new", correlationId: "batch-r", stageName: "newest" })]);
    const waiting = page.getByRole("button", { name: "1 change" });
    await waiting.waitFor();
    expect(await eventRow(page, "newest").count()).toBe(0);
    await waiting.click();
    await eventRow(page, "newest").waitFor();
    expect((await columnTexts(page, "Stage"))[0]).toBe("newest");
  });
});
