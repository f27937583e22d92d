/** Pages as they were (invariant 5). */
import type { Page } from "playwright";
import { beforeAll, describe, expect, it } from "vitest";
import { getJson } from "../support/api-client";
import { browserTabs, clickThrough, eventually } from "../support/browser";
import {
  columnTexts,
  countOf,
  eventRows,
  FEED_PAGE,
  problemList,
  stateLine,
  stateText,
  untilLive,
} from "../support/pages";
import { runningWeir } from "../support/weir";

const weir = runningWeir();
const { open } = browserTabs();

/** Instants after each of three commits. */
let first: string;
let second: string;
const opening = weir.event({ eventId: "e-1", correlationId: "batch-a", stageName: "extract", status: "RUNNING" });

beforeAll(async () => {
  first = await weir.publish([opening]);
  second = await weir.publish([
    weir.event({ ...opening, status: "FAILED", errorMessage: "no space left", lastUpdatedAt: Date.now() }),
    weir.event({ eventId: "e-2", correlationId: "batch-b", stageName: "load" }),
  ]);
  await weir.publish([weir.event({ eventId: "e-3", correlationId: "batch-a", stageName: "publish" })]);
});

const isoOf = (instant: string) =>
  instant.replace(/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})$/, "$1-$2-$3T$4:$5:$6.$7Z");
const pastBar = (page: Page) => page.getByText(/^You are viewing \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC, .+ ago$/);
/** The border around the window. */
const frameOf = (page: Page): Promise<string> =>
  page.locator("main").evaluate((main) => {
    const { position, borderTopStyle } = getComputedStyle(main, "::after");
    return `${position} ${borderTopStyle}`;
  });

/** Addresses of the links to other pages of events. */
/** Pages of what waits and of what people decided: they are of no instant, or name theirs. */
const OF_THE_PRESENT = /\/dead-letters$|^\/(settings|problems)\/|\/instants\/\d{17}$|\/pins$/;

const linksToPages = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll<HTMLAnchorElement>("main a[href]")]
      .filter(({ textContent, hash }) => textContent.trim() !== "Return to live" && hash === "")
      .map((link) => link.getAttribute("href")!),
  );

describe("a page with at=", () => {
  it("shows the on-call page as it was after that commit, says so, and leads back", async () => {
    const page = await open(weir.url(`/?at=${second}`));
    await pastBar(page).waitFor();
    expect(await stateText(page)).toMatch(/^Past as of \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/);
    expect(await columnTexts(page, "Stage")).toEqual(["load", "extract"]);
    expect(await columnTexts(page, "Status")).toEqual(["COMPLETED", "FAILED"]);
    expect(await countOf(page, "failed 24 h").innerText()).toBe("1");
    expect(await countOf(page, "running").innerText()).toBe("0");
    await problemList(page).getByText("no space left").waitFor();

    await clickThrough(page.getByRole("link", { name: "Return to live" }).first());
    await untilLive(page);
    expect(new URL(page.url()).search).toBe("");
    expect(await columnTexts(page, "Stage")).toEqual(["publish", "load", "extract"]);
  });

  it("is framed so that nobody takes it for the present", async () => {
    const [past, present] = [await open(weir.url(`/?at=${first}`)), await open(weir.url("/"))];
    expect(await frameOf(past)).toBe("fixed solid");
    expect(await frameOf(present)).not.toContain("solid");
  });

  it("keeps its time in every link to another page", async () => {
    const page = await open(weir.url("/sign-in"));
    for (const path of [FEED_PAGE, "/batches/batch-a", "/"]) {
      await page.goto(weir.url(`${path}?at=${second}`));
      const links = await linksToPages(page);
      expect(links.length).toBeGreaterThan(2);
      expect(links.filter((href) => !/[?&]at=/.test(href) && !OF_THE_PRESENT.test(href))).toEqual([]);
    }
    await clickThrough(page.getByRole("link", { name: "batch-a" }));
    await pastBar(page).waitFor();
    expect(
      await page
        .getByRole("row", { name: /extract/ })
        .first()
        .innerText(),
    ).toContain("FAILED");
    expect(await page.getByRole("row", { name: /publish/ }).count()).toBe(0);
  });

  it("stands still while events arrive", async () => {
    const page = await open(weir.url(`${FEED_PAGE}?at=${first}`));
    let streams = 0;
    page.on("request", (request) => (streams += request.url().includes("/live") ? 1 : 0));
    await pastBar(page).waitFor();
    await page.reload();
    await weir.publish([weir.event({ eventId: "e-1", correlationId: "batch-a", stageName: "extract" })]);
    expect(await columnTexts(page, "Status")).toEqual(["RUNNING"]);
    expect(await page.getByRole("button", { name: "Pause" }).count()).toBe(0);
    expect(streams).toBe(0);
  });

  it("shows what the call answers for the same time, by instant and by ISO time", async () => {
    const call = `/api/v1${FEED_PAGE}/rows?at=${first}`;
    const { rows, instant } = await getJson<{ rows: { status: string }[]; instant: string }>(weir.address, call);
    expect(instant).toBe(first);
    for (const at of [first, isoOf(first)]) {
      const page = await open(weir.url(`${FEED_PAGE}?at=${at}`));
      expect(await columnTexts(page, "Status")).toEqual(rows.map(({ status }) => status));
    }
  });

  it("is reached by the panel, and a relative time becomes a fixed one", async () => {
    const page = await open(weir.url(`${FEED_PAGE}?status=RUNNING`));
    await stateLine(page).getByText("Time travel").click();
    await page.getByLabel("Show the page as of (UTC)").fill(isoOf(first));
    await clickThrough(page.getByRole("button", { name: "Go", exact: true }));
    await pastBar(page).waitFor();
    expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({ status: "RUNNING", at: isoOf(first) });
    expect(await eventRows(page).count()).toBe(1);

    await page.goto(weir.url(`${FEED_PAGE}?at=now`));
    await pastBar(page).waitFor();
    expect(new URL(page.url()).searchParams.get("at")).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  it("is 410 before anything was kept, names the oldest moment, and leads there", async () => {
    const page = await open(weir.url(`${FEED_PAGE}?at=2020-01-01T00:00Z`), { expected: [/410/] });
    await page.getByRole("heading", { name: "No longer kept" }).waitFor();
    expect(await page.getByRole("main").innerText()).toContain(first);
    await clickThrough(page.getByRole("link", { name: "Show the oldest that is kept" }));
    await pastBar(page).waitFor();
    expect(await columnTexts(page, "Status")).toEqual(["RUNNING"]);
  });

  it("refuses what is no time, and a batch that was not there yet, in words", async () => {
    const wrong = await open(weir.url("/?at=yesterday"), { expected: [/400/] });
    await eventually(() => wrong.getByRole("main").innerText()).toMatch(/at must be an instant .+ not "yesterday"/);
    const early = await open(weir.url(`/batches/batch-b?at=${first}`), { expected: [/404/] });
    await eventually(() => early.getByRole("main").innerText()).toContain(`"batch-b" is known as of ${first}`);
  });
});
