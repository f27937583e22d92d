/** The address is the state: filters, chips, Back and Forward, further pages. */
import type { Page } from "playwright";
import { beforeAll, describe, expect, it } from "vitest";
import { browserTabs, eventually } from "../support/browser";
import { columnTexts, countOf, eventRows, FEED_PAGE, problemRow, untilLive } from "../support/pages";
import { runningWeir } from "../support/weir";

const weir = runningWeir();
const { open } = browserTabs();
const HOUR = 3_600_000;

beforeAll(async () => {
  const at = Date.now();
  const event = (id: string, pipelineName: string, stageName: string, status: "COMPLETED" | "FAILED" | "RUNNING") =>
    weir.event({
      eventId: id,
      correlationId: `batch-${id}`,
      pipelineName,
      stageName,
      status,
      errorMessage: status === "FAILED" ? `Row ${id} is broken: 100% of "keys"` : null,
    });
  await weir.publish([
    event("a", "orders", "extract", "COMPLETED"),
    event("b", "orders", "load", "FAILED"),
    event("c", "invoices", "load", "FAILED"),
    event("d", "invoices", "load", "RUNNING"),
    event("e", "prices & taxes", "load", "COMPLETED"),
    weir.event({ eventId: "old", correlationId: "batch-old", eventTimestamp: at - 3 * HOUR, status: "FAILED" }),
  ]);
});

const batches = async (page: Page): Promise<string> =>
  (await columnTexts(page, "Correlation ID")).map((id) => id.replace("batch-", "")).join(" ");
const query = (page: Page) => decodeURIComponent(new URL(page.url()).search).replaceAll("+", " ");
const chip = (page: Page, text: string) => page.getByRole("listitem").filter({ hasText: text });
const field = (page: Page, name: string) => page.getByRole("combobox", { name });
const filter = (page: Page) => page.getByRole("button", { name: "Filter" }).click();

describe("filters of a feed", () => {
  it("are chosen in the form, stand in the address and as chips, and combine", async () => {
    const page = await open(weir.url(FEED_PAGE));
    expect(await batches(page)).toBe("e d c b a old");
    await field(page, "Status").selectOption("FAILED");
    await filter(page);
    await eventually(() => batches(page)).toBe("c b old");
    expect(query(page)).toBe("?status=FAILED");

    await field(page, "Pipeline").fill("invoices");
    await filter(page);
    await eventually(() => batches(page)).toBe("c");
    await chip(page, "Status is FAILED").waitFor();
    await chip(page, "Pipeline is invoices").waitFor();

    await page.getByRole("link", { name: "Turn around: Pipeline is invoices" }).click();
    await eventually(() => batches(page)).toBe("b old");
    expect(query(page)).toBe("?status=FAILED&pipelineName!=invoices");

    await page.getByRole("link", { name: "Remove: Status is FAILED" }).click();
    await eventually(() => batches(page)).toBe("e b a old");
    await page.getByRole("link", { name: "Remove: Pipeline is not invoices" }).click();
    await eventually(() => batches(page)).toBe("e d c b a old");
    expect(query(page)).toBe("");
  });

  it("take two values of a column as either, and a stage and odd letters as they are", async () => {
    const page = await open(weir.url(`${FEED_PAGE}?status=FAILED`));
    await field(page, "Status").selectOption("RUNNING");
    await filter(page);
    await eventually(() => batches(page)).toBe("d c b old");
    await field(page, "Stage").fill("load");
    await filter(page);
    await eventually(() => chip(page, "Stage is load").count()).toBe(1);
    await page.getByRole("link", { name: "Clear all" }).click();
    await eventually(() => query(page)).toBe("");
    await field(page, "Pipeline").fill("prices & taxes");
    await filter(page);
    await eventually(() => batches(page)).toBe("e");
    expect(new URL(page.url()).searchParams.get("pipelineName")).toBe("prices & taxes");
  });

  it("search any text, in any case and with wild cards taken literally", async () => {
    const page = await open(weir.url(FEED_PAGE));
    const search = page.getByRole("searchbox", { name: "Search text" });
    await search.fill('IS BROKEN: 100% of "KEYS"');
    await search.press("Enter");
    await eventually(() => batches(page)).toBe("c b");
    expect(await search.inputValue()).toBe('IS BROKEN: 100% of "KEYS"');
    await search.fill("%");
    await search.press("Enter");
    await eventually(() => query(page)).toBe("?q=%");
    expect(await batches(page)).toBe("c b");
    await search.fill("_roken");
    await search.press("Enter");
    await page.getByText("No event matches.").waitFor();
    await page.getByRole("link", { name: "Show all events" }).click();
    await eventually(() => batches(page)).toBe("e d c b a old");
  });

  it("limit the time, by what counts back from now and by a moment", async () => {
    const page = await open(weir.url(FEED_PAGE));
    await field(page, "From (UTC)").fill("-1h");
    await filter(page);
    await eventually(() => batches(page)).toBe("e d c b a");
    await chip(page, "From -1h").waitFor();
    await field(page, "From (UTC)").fill("-1d");
    await field(page, "Until (UTC)").fill(new Date(Date.now() - 2 * HOUR).toISOString());
    await filter(page);
    await eventually(() => batches(page)).toBe("old");
    const wrong = await open(weir.url(`${FEED_PAGE}?from=soon`), { expected: [/400/] });
    expect(await wrong.getByRole("main").innerText()).toContain('not "soon"');
  });

  it("come back with Back and Forward, rows, fields and chips alike", async () => {
    const page = await open(weir.url(FEED_PAGE));
    await field(page, "Status").selectOption("FAILED");
    await filter(page);
    await eventually(() => batches(page)).toBe("c b old");
    await page.getByRole("searchbox", { name: "Search text" }).fill("row b");
    await filter(page);
    await eventually(() => batches(page)).toBe("b");
    await page.goBack();
    await eventually(() => batches(page)).toBe("c b old");
    expect(query(page)).toBe("?status=FAILED");
    await eventually(() => page.getByRole("searchbox", { name: "Search text" }).inputValue()).toBe("");
    await page.goBack();
    await eventually(() => batches(page)).toBe("e d c b a old");
    await page.goForward();
    await page.goForward();
    await eventually(() => batches(page)).toBe("b");
    await untilLive(page);
    expect(await chip(page, "Text contains “row b”").count()).toBe(1);
  });

  it("are what the counts of the on-call page lead to", async () => {
    const page = await open(weir.url("/"));
    await eventually(() => countOf(page, "failed 24 h").innerText()).toBe("3");
    await countOf(page, "failed 24 h").click();
    await eventually(() => batches(page)).toBe("c b old");
    expect(new URL(page.url()).pathname + query(page)).toBe(`${FEED_PAGE}?status=FAILED`);
    await page.goBack();
    await problemRow(page, "invoices").getByRole("link", { name: "1 failure" }).click();
    await eventually(() => batches(page)).toBe("c");
  });

  it("keep what they say on the pages of older events, which stand still", async () => {
    const page = await open(weir.url(`${FEED_PAGE}?limit=2&status!=RUNNING`));
    expect(await batches(page)).toBe("e c");
    await page.getByRole("link", { name: "Older events" }).click();
    await eventually(() => batches(page)).toBe("b a");
    await page.getByText("this page stands still").waitFor();
    await page.getByRole("link", { name: "Older events" }).click();
    await eventually(() => batches(page)).toBe("old");
    expect(await page.getByRole("link", { name: "Older events" }).count()).toBe(0);
    await page.getByRole("link", { name: "Newest events" }).click();
    await eventually(() => batches(page)).toBe("e c");
    await untilLive(page);
    expect(await eventRows(page).count()).toBe(2);
  });

  it("that no column has are refused by name", async () => {
    const page = await open(weir.url(`${FEED_PAGE}?colour=red`), { expected: [/400/] });
    expect(await page.getByRole("main").innerText()).toContain('There is no parameter "colour"');
  });
});
