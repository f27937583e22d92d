/** Every page, both themes, a phone and a desk: no rule of accessibility is broken and nothing scrolls sideways. */
import type { Page } from "playwright";
import { beforeAll, describe, expect, it } from "vitest";
import { browserTabs } from "../support/browser";
import { FEED_PAGE, scrollsSideways, stateLine, untilLive, violations } from "../support/pages";
import { runningWeir } from "../support/weir";

const weir = runningWeir();
const guarded = runningWeir(() => Promise.resolve({ WEIR_SECRET: "a-long-enough-secret" }));
const { open } = browserTabs();

const SIZES = [
  { width: 320, height: 700 },
  { width: 1280, height: 900 },
];

let first: string;

beforeAll(async () => {
  first = await weir.publish([
    weir.event({ eventId: "e-0", correlationId: "batch-a", stageName: "extract", processedRecordCount: 1_200 }),
  ]);
  await weir.publish([
    weir.event({
      eventId: "e-1",
      correlationId: "batch-a",
      stageName: "load",
      status: "FAILED",
      errorMessage: `could not write ${"warehouse.orders_".repeat(12)}\n  at Writer.flush\n  at Loader.run`,
      url: "https://logs.example.org/42",
    }),
    weir.event({ eventId: "e-2", correlationId: "batch-a", stageName: "load", status: "RETRYING", attempt: 1 }),
    weir.event({ eventId: "e-3", correlationId: "batch-b", pipelineName: "invoices", status: "RUNNING" }),
    weir.event({
      eventId: "e-4",
      correlationId: "batch-b",
      pipelineName: "invoices",
      stageName: "audit",
      status: "FAILED",
      errorMessage: "no",
    }),
    weir.event({ eventId: "e-5", correlationId: "3f0e8c1e-6f0b-4a59-9d0e-6b1f2d5a7c99", status: "STARTED" }),
  ]);
  await weir.publishTo("pipeline_events", [weir.event({ eventId: "e-6" }), { eventId: "bad-1", status: "EXPLODED" }]);
});

/** Looks at the page in both themes and sizes. */
async function look(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const)
    for (const size of SIZES) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await page.setViewportSize(size);
      const where = `${colorScheme}, ${size.width} px`;
      found.push(...(await violations(page)).map((violation) => `${where}: ${violation}`));
      if (await scrollsSideways(page)) found.push(`${where}: scrolls sideways`);
    }
  return found;
}

const live: [string, string][] = [
  ["the on-call page", "/"],
  ["the page of a feed", FEED_PAGE],
  ["the page of a feed with filters", `${FEED_PAGE}?status=FAILED&pipelineName!=invoices&q=warehouse&from=-2h`],
  ["a feed where nothing matches", `${FEED_PAGE}?q=nothing+has+this`],
  ["a batch", "/batches/batch-a"],
];

describe("no rule of accessibility is broken", { timeout: 180_000 }, () => {
  it.each(live)("on %s", async (_, path) => {
    const page = await open(weir.url(path));
    await untilLive(page);
    expect(await look(page)).toEqual([]);
  });

  it("on pages of the past", async () => {
    for (const path of ["/", FEED_PAGE, "/batches/batch-a"]) {
      const page = await open(weir.url(`${path}?at=${first}`));
      expect(await look(page)).toEqual([]);
    }
  });

  it("on dead letters", async () => {
    const page = await open(weir.url(`${FEED_PAGE}/dead-letters`));
    await page.getByRole("row", { name: /EXPLODED|eventTimestamp|correlationId/ }).waitFor();
    expect(await look(page)).toEqual([]);
  });

  it("on pages of errors", async () => {
    const missing = await open(weir.url("/nothing/here"), { expected: [/404/] });
    expect(await look(missing)).toEqual([]);
    const gone = await open(weir.url(`${FEED_PAGE}?at=2020-01-01`), { expected: [/410/] });
    expect(await look(gone)).toEqual([]);
  });

  it("on the sign-in page, before and after a wrong secret", async () => {
    const page = await open(guarded.url("/"), { expected: [/\b401\b/] });
    expect(await look(page)).toEqual([]);
    await page.getByLabel("Secret of this server").fill("wrong");
    await page.getByRole("button", { name: "Use the secret" }).click();
    await page.getByRole("alert").waitFor();
    expect(await look(page)).toEqual([]);
  });

  it("with time travel and the keys open", async () => {
    const page = await open(weir.url("/"));
    await stateLine(page).getByText("Time travel").click();
    expect(await look(page)).toEqual([]);
    await page.getByRole("button", { name: "Keyboard help" }).click();
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    expect(await look(page)).toEqual([]);
  });
});
