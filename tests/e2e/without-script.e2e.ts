/** Every page works as plain HTML: a hardened browser, a text browser, a page whose script did not arrive. */
import { beforeAll, describe, expect, it } from "vitest";
import { browserTabs, clickThrough, eventually } from "../support/browser";
import {
  columnTexts,
  countOf,
  eventRow,
  eventRows,
  FEED_PAGE,
  problemList,
  stateLine,
  stateText,
} from "../support/pages";
import { runningWeir } from "../support/weir";

const weir = runningWeir();
const { open } = browserTabs();
const plain = { javaScriptEnabled: false };

let first: string;

beforeAll(async () => {
  first = await weir.publish([weir.event({ eventId: "e-1", correlationId: "batch-a", status: "RUNNING" })]);
  await weir.publish([
    weir.event({ eventId: "e-1", correlationId: "batch-a", status: "COMPLETED", lastUpdatedAt: Date.now() }),
    weir.event({
      eventId: "e-2",
      correlationId: "batch-b",
      stageName: "publish",
      status: "FAILED",
      errorMessage: "no route to host",
    }),
    weir.event({ eventId: "e-3", correlationId: "batch-c", stageName: "extract" }),
  ]);
});

/** Script cannot run, so columns are read by position. */
const cells = async (page: Awaited<ReturnType<typeof open>>, column: number) =>
  eventRows(page).locator(`td:nth-child(${column})`).allInnerTexts();
const BATCH = 1;
const STATUS = 4;

describe("without script", () => {
  it("the on-call page is complete and says that it is a snapshot", async () => {
    const page = await open(weir.url("/"), plain);
    expect(await stateText(page)).toMatch(/^Snapshot as of \d\d:\d\d:\d\d UTC/);
    expect(await cells(page, BATCH)).toEqual(["batch-c", "batch-b", "batch-a"]);
    expect(await countOf(page, "done 24 h").innerText()).toBe("2");
    expect(await problemList(page).innerText()).toContain("no route to host");
    await clickThrough(countOf(page, "failed 24 h"));
    expect(await cells(page, BATCH)).toEqual(["batch-b"]);
  });

  it("filters work by form and are taken away by link", async () => {
    const page = await open(weir.url(FEED_PAGE), plain);
    await page.getByRole("combobox", { name: "Status" }).selectOption("COMPLETED");
    await page.getByRole("combobox", { name: "Stage" }).fill("extract");
    await clickThrough(page.getByRole("button", { name: "Filter" }));
    expect(await cells(page, BATCH)).toEqual(["batch-c"]);
    expect(new URL(page.url()).search).toBe("?status=COMPLETED&stageName=extract");
    await clickThrough(page.getByRole("link", { name: "Turn around: Status is COMPLETED" }));
    expect(await eventRows(page).count()).toBe(0);
    await page.getByText("No event matches.").waitFor();
    await clickThrough(page.getByRole("link", { name: "Show all events" }));
    expect(await eventRows(page).count()).toBe(3);
    await page.goto(weir.url(`${FEED_PAGE}?limit=2`));
    await clickThrough(page.getByRole("link", { name: "Older events" }));
    expect(await cells(page, BATCH)).toEqual(["batch-a"]);
  });

  it("a batch is reached from a row, with its attempts and their errors", async () => {
    const page = await open(weir.url(FEED_PAGE), plain);
    await clickThrough(eventRow(page, "no route").getByRole("link", { name: "batch-b" }));
    await page.getByRole("heading", { name: "Batch batch-b" }).waitFor();
    await page.getByRole("row", { name: /FAILED.*no route to host/ }).waitFor();
    await clickThrough(page.getByRole("link", { name: "Its events" }));
    expect(await cells(page, BATCH)).toEqual(["batch-b"]);
  });

  it("time travel goes there and back", async () => {
    const page = await open(weir.url("/"), plain);
    await stateLine(page).getByText("Time travel").click();
    await page.getByLabel("Show the page as of (UTC)").fill(first);
    await clickThrough(page.getByRole("button", { name: "Go", exact: true }));
    await page.getByText(/^You are viewing/).waitFor();
    expect(await cells(page, STATUS)).toEqual(["RUNNING"]);
    await clickThrough(page.getByRole("link", { name: "batch-a" }));
    await page.getByText(/^You are viewing/).waitFor();
    await clickThrough(page.getByRole("link", { name: "Return to live" }).first());
    expect(await stateText(page)).toMatch(/^Snapshot/);
  });

  it("the theme is switched and kept", async () => {
    const page = await open(weir.url("/"), { ...plain, colorScheme: "light" });
    await clickThrough(page.getByRole("button", { name: "Switch between light and dark" }));
    expect(await page.locator("html").getAttribute("data-theme")).toBe("dark");
    await page.goto(weir.url(FEED_PAGE));
    expect(await page.locator("html").getAttribute("data-theme")).toBe("dark");
    await clickThrough(page.getByRole("button", { name: "Switch between light and dark" }));
    expect(await page.locator("html").getAttribute("data-theme")).toBe("light");
    expect(new URL(page.url()).pathname).toBe(FEED_PAGE);
  });

  it("dead letters are read, replayed and deleted", async () => {
    const bad = { ...weir.event({ eventId: "bad-1" }), status: "EXPLODED" };
    await weir.publishTo("pipeline_events", [weir.event({ eventId: "good-1" }), bad]);
    const page = await open(weir.url(FEED_PAGE), { ...plain, expected: [/422/] });
    await clickThrough(page.getByRole("link", { name: "Dead letters (1)" }));
    const letter = page.getByRole("row", { name: /EXPLODED/ });
    expect(await letter.getByRole("link", { name: /^Download/ }).getAttribute("href")).toMatch(/^\/api\/v1\//);
    await clickThrough(letter.getByRole("button", { name: /^Send again/ }));
    await eventually(() => page.getByRole("alert").innerText()).toContain("EXPLODED");
    await clickThrough(letter.getByRole("button", { name: /^Delete/ }));
    await page.getByText("The dead letter was deleted.").waitFor();
    await page.getByText("No dead letters.").waitFor();
  });
});

describe("the same page with script", () => {
  it("shows the same rows", async () => {
    const texts = await Promise.all(
      [plain, {}].map(async (options) => {
        const page = await open(weir.url(FEED_PAGE), options);
        return options === plain ? cells(page, BATCH) : columnTexts(page, "Correlation ID");
      }),
    );
    expect(texts[0]).toEqual(texts[1]);
  });
});
