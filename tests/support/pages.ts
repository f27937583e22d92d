/** What people see on Weir's pages, found as they find it: by role and name. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import type * as Axe from "axe-core";
import type { Locator, Page } from "playwright";
import { eventually } from "./browser";

const axeSource = readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const FEED_PAGE = "/feeds/pipeline_events";

/** The rows of events that the page shows, header rows left out. */
export const eventRows = (page: Page): Locator => page.locator("#rows tbody > tr");

/** The row whose cells contain this text. */
export const eventRow = (page: Page, text: string): Locator => eventRows(page).filter({ hasText: text });

/** The texts of one column, by its visible label, top to bottom. */
export async function columnTexts(page: Page, label: string): Promise<string[]> {
  await page.waitForLoadState("domcontentloaded");
  return page.evaluate((wanted) => {
    const heads = [...document.querySelectorAll("#rows table:first-of-type thead th")];
    const index = heads.findIndex((head) => head.textContent.trim() === wanted);
    if (index < 0) throw new Error(`There is no column ${wanted}.`);
    return [...document.querySelectorAll<HTMLTableRowElement>("#rows tbody > tr")].map(
      (row) => row.cells[index]!.textContent,
    );
  }, label);
}

/** The line that tells the state of the link and the age of the data. */
export const stateLine = (page: Page): Locator => page.getByRole("region", { name: "State of this page" });

/** What the state line says now, in one line. */
export const stateText = async (page: Page): Promise<string> =>
  (await stateLine(page).innerText()).replaceAll(/\s+/g, " ");

/** Waits until the page has come to life and follows. */
export async function untilLive(page: Page, withinMs?: number): Promise<void> {
  await eventually(() => stateText(page), withinMs).toMatch(/^Live/);
}

/** A number at the top of the on-call page, in its link: what was done or failed within 24 hours, pipelines in a state. */
export const countOf = (page: Page, word: string): Locator =>
  page
    .getByRole("region", { name: "How it stands" })
    .getByRole("link", { name: new RegExp(`^${word}`) })
    .locator("b");

/** What fails or is being retried, on the on-call page. */
export const problemList = (page: Page): Locator => page.getByRole("region", { name: "Problems" });

/** The problem of this pipeline. */
export const problemRow = (page: Page, pipeline: string): Locator =>
  problemList(page).locator("tbody tr").filter({ hasText: pipeline });

/** Leaves a mark in the page that a reload would wipe out. */
export async function markPage(page: Page): Promise<void> {
  await page.evaluate(() => Object.assign(window, { notReloaded: true }));
}

export const isMarked = (page: Page): Promise<boolean> => page.evaluate(() => "notReloaded" in window);

/** Rules whose answer may change with the colours alone. */
export const COLOURS: readonly string[] = ["color-contrast", "link-in-text-block"];

/**
 * Violations of accessibility rules, one line each: rule, elements, what is wrong.
 *
 * @param rules only these; null = all
 */
export async function violations(page: Page, rules: readonly string[] | null = null): Promise<string[]> {
  await page.waitForLoadState("domcontentloaded");
  // Half a megabyte of script that each document reads once, however often it is looked at.
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(await axeSource);
  const found = await page.evaluate(findViolations, rules);
  return found.map(({ id, nodes }) => {
    const [first] = nodes;
    return `${id} (${nodes.length}): ${first?.target.join(" ")} ${first?.failureSummary ?? ""}`;
  });
}

/** Runs in the browser. Pages have no frames to look into. */
async function findViolations(rules: readonly string[] | null): Promise<Axe.AxeResults["violations"]> {
  const { axe } = window as unknown as { axe: typeof Axe };
  const runOnly = rules === null ? {} : { runOnly: { type: "rule" as const, values: [...rules] } };
  const { violations } = await axe.run(document, { resultTypes: ["violations"], ...runOnly });
  return violations;
}

/** Whether the page is wider than its window. */
export const scrollsSideways = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
