/** Every page, both themes, phones, tablets and a desk: no rule of accessibility is broken and nothing scrolls sideways. */
import type { Page } from "playwright";
import { beforeAll, describe, expect, it } from "vitest";
import type { ListedPage } from "../../scripts/page-list.mjs";
import { browserTabs } from "../support/browser";
import { EVERY_PAGE, everySample, expectedOf, pathOf, type Samples } from "../support/every-page";
import { COLOURS, scrollsSideways, stateLine, untilLive, violations } from "../support/pages";
import { runningWeir } from "../support/weir";

const weir = runningWeir();
const guarded = runningWeir(() => Promise.resolve({ WEIR_SECRET: "a-long-enough-secret" }));
const { open } = browserTabs();

interface Look {
  colorScheme: "light" | "dark";
  width: number;
  /** null = all; none = only whether the page fits. */
  rules: readonly string[] | null;
}

/** What is looked at everywhere: all rules at a desk and on a phone, those of colours where only the theme differs. */
const LOOKS: readonly Look[] = [
  { colorScheme: "light", width: 1366, rules: null },
  { colorScheme: "dark", width: 1366, rules: COLOURS },
  { colorScheme: "dark", width: 820, rules: [] },
  { colorScheme: "dark", width: 320, rules: null },
];

/** One of these beside them, by turns: pages share their parts, and the same part is on several of them. */
const IN_TURN: readonly Look[] = [
  { colorScheme: "light", width: 320, rules: COLOURS },
  { colorScheme: "light", width: 820, rules: COLOURS },
  { colorScheme: "dark", width: 820, rules: COLOURS },
];

/** So many pages are looked at side by side. */
const TABS = 2;
const PAGES_PER_TEST = 11;

let samples: Samples;

beforeAll(async () => {
  await weir.publish([
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
  samples = await everySample(weir);
});

/** In both themes and all widths. @param turn which look of those that are not taken everywhere */
async function look(page: Page, turn = 0): Promise<string[]> {
  const found: string[] = [];
  for (const { colorScheme, width, rules } of [...LOOKS, IN_TURN[turn % IN_TURN.length]!]) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.setViewportSize({ width, height: 800 });
    const where = `${colorScheme}, ${width} px`;
    if (rules?.length !== 0)
      found.push(...(await violations(page, rules)).map((violation) => `${where}: ${violation}`));
    if (await scrollsSideways(page)) found.push(`${where}: scrolls sideways`);
  }
  return found;
}

/** On a tab that has shown other pages: a fresh one costs as much as what is looked at. Pages of errors have their own. */
async function lookAt(tab: Page, listed: ListedPage): Promise<string[]> {
  const address = weir.url(pathOf(listed, samples));
  const page = listed.status === undefined ? tab : await open(address, { expected: expectedOf(listed) });
  if (page === tab) await goAfresh(page, address);
  if (listed.isLive === true) await untilLive(page);
  const turn = EVERY_PAGE.findIndex(([name]) => name === listed.name);
  return (await look(page, turn)).map((violation) => `${listed.name}: ${violation}`);
}

async function goAfresh(tab: Page, address: string): Promise<void> {
  await tab.context().clearCookies();
  await tab.setViewportSize({ width: 1280, height: 720 });
  await tab.goto(address);
}

/** With their names, for the name of a test. */
function chunks(pages: readonly (readonly [string, ListedPage])[], size: number): [string, ListedPage[]][] {
  const count = Math.ceil(pages.length / size);
  return Array.from({ length: count }, (_, i) => pages.slice(i * size, (i + 1) * size)).map((some) => [
    some.map(([name]) => name).join(", "),
    some.map(([, page]) => page),
  ]);
}

describe("no rule of accessibility is broken", { timeout: 180_000 }, () => {
  it.each(chunks(EVERY_PAGE, PAGES_PER_TEST))("on the pages %s", async (_, pages) => {
    const found: string[] = [];
    const left = [...pages];
    const lookAround = async () => {
      const tab = await open(weir.url("/sign-in"));
      for (let next = left.shift(); next !== undefined; next = left.shift()) found.push(...(await lookAt(tab, next)));
    };
    await Promise.all(Array.from({ length: TABS }, lookAround));
    expect(found).toEqual([]);
  });

  it("on the sign-in page after a wrong secret", async () => {
    const page = await open(guarded.url("/"), { expected: [/\b401\b/] });
    await page.getByLabel("Secret of this server").fill("wrong");
    await page.getByRole("button", { name: "Use the secret" }).click();
    await page.getByRole("alert").waitFor();
    expect(await look(page)).toEqual([]);
  });

  it("with time travel, the keys, the palette and a picked row", async () => {
    const page = await open(weir.url("/feeds/pipeline_events"));
    await untilLive(page);
    await page.keyboard.press("j");
    await page.getByRole("toolbar", { name: "The row" }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await stateLine(page).getByText("Time travel").click();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Keyboard help" }).click();
    await page.getByRole("dialog", { name: "Keys" }).waitFor();
    expect(await look(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+k");
    await page.getByRole("option", { name: /On-call/ }).waitFor();
    expect(await look(page)).toEqual([]);
  });
});
