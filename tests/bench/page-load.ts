/** What it takes to load the page of a feed: bytes, time to the first click that works, scripts, tasks. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Browser, Page } from "playwright";
import { packageRoot } from "~/config";
import { withPage } from "./browser";
import { clickUntilPicked, firstClickOf, type FirstClick } from "./first-click";
import { timedGet, timedGets } from "./http-timing";
import { PAGE_ROWS, type ServerWithRows } from "./page-rows";
import { summarise, type Figure } from "./report";

const CLICK_ROWS = [1_000, 3_000, 5_000] as const;
const CLICK_GOAL_MS = 400;
const CLICK_GOAL_ROWS = 3_000;
const MB = 1_000_000;
const SIZE_GOALS = {
  short: { raw: 1.25 * MB, brotli: 150_000 },
  uuid: { raw: 1.6 * MB, brotli: 240_000 },
} as const;
const IDLE_MS = 2_000;

export async function pageSize({ server, url }: ServerWithRows, keys: "short" | "uuid"): Promise<Figure[]> {
  const { body } = await timedGet(url(PAGE_ROWS), "identity");
  const html = body.toString("utf8");
  const state = /<script type="qwik\/json"[^>]*>([\s\S]*?)<\/script>/.exec(html)?.[1];
  if (state === undefined) throw new Error(`The page of ${server.address} has no qwik/json.`);
  const rows = html.match(/<tr id=/g)?.length ?? 0;
  if (rows !== PAGE_ROWS) throw new Error(`The page shows ${rows} rows instead of ${PAGE_ROWS}.`);
  const brotli = brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }).length;
  const label = keys === "short" ? "keys like e-17" : "UUID keys";
  const goal = SIZE_GOALS[keys];
  return [
    { what: `HTML of ${PAGE_ROWS} rows, ${label}`, unit: "bytes", value: body.length, goal: goal.raw },
    { what: `the same, brotli 5, ${label}`, unit: "bytes", value: brotli, goal: goal.brotli },
    { what: `qwik/json, ${label}`, unit: "bytes", value: Buffer.byteLength(state), goal: 4_000 },
  ];
}

export async function responseTime({ url }: ServerWithRows, count: number): Promise<Figure[]> {
  const brotli = await timedGets(url(PAGE_ROWS), "br", count, 10);
  const plain = await timedGets(url(PAGE_ROWS), "identity", count, 3);
  return [
    {
      what: `whole response of ${PAGE_ROWS} rows, as browsers get it`,
      unit: "ms",
      value: summarise(brotli),
      goal: 120,
    },
    { what: "the same, not compressed", unit: "ms", value: summarise(plain) },
  ];
}

export async function firstClick(browser: Browser, { url }: ServerWithRows, visits: number): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const rows of CLICK_ROWS) {
    const took: FirstClick[] = [];
    for (let visit = 0; visit <= visits; visit++) {
      const click = await withPage(browser, clickUntilPicked, async (page) => {
        await page.goto(url(rows), { waitUntil: "commit" });
        return firstClickOf(page);
      });
      // The first visit warms up the server and the browser.
      if (visit > 0) took.push(click);
    }
    const what = `cold navigation to first click taking effect, ${rows} rows`;
    const picked = summarise(took.map((click) => click.picked));
    const painted = summarise(took.map((click) => click.painted));
    figures.push({ what, unit: "ms", value: picked, ...(rows <= CLICK_GOAL_ROWS && { goal: CLICK_GOAL_MS }) });
    figures.push({ what: `first row painted, ${rows} rows`, unit: "ms", value: painted });
  }
  return figures;
}

/** Notes long tasks. Runs in the page. */
function watchTasks(): void {
  const marks = globalThis as unknown as { tasks: number[] };
  marks.tasks = [];
  new PerformanceObserver((list) => marks.tasks.push(...list.getEntries().map(({ duration }) => duration))).observe({
    type: "longtask",
    buffered: true,
  });
}

export async function scriptsAndTasks(browser: Browser, { url }: ServerWithRows, visits: number): Promise<Figure[]> {
  const tasks: number[] = [];
  let scripts: ReadonlySet<string> = new Set();
  for (let visit = 0; visit <= visits; visit++) {
    await withPage(browser, watchTasks, async (page) => {
      const seen = scriptsOf(page);
      await page.goto(url(PAGE_ROWS), { waitUntil: "load" });
      await page.waitForTimeout(IDLE_MS);
      const longest = await page.evaluate(() => Math.max(0, ...(globalThis as unknown as { tasks: number[] }).tasks));
      if (visit > 0) tasks.push(longest);
      scripts = seen;
    });
  }
  return [
    { what: "JavaScript before interaction, gzip", unit: "bytes", value: gzippedSize(scripts), goal: 45_000 },
    { what: "of so many files", unit: "", value: scripts.size },
    { what: `longest task while loading ${PAGE_ROWS} rows`, unit: "ms", value: summarise(tasks), goal: 200 },
  ];
}

/** The paths of the scripts that a page fetches from now on; grows as they come. */
export function scriptsOf(page: Page): ReadonlySet<string> {
  const paths = new Set<string>();
  page.on("response", (response) => {
    if (/javascript/.test(response.headers()["content-type"] ?? "")) paths.add(new URL(response.url()).pathname);
  });
  return paths;
}

/** Compressed after the visits: while a page loads, that would take the processor from it. */
export const gzippedSize = (paths: ReadonlySet<string>): number =>
  [...paths].reduce((sum, path) => sum + gzipSync(readFileSync(join(packageRoot(), "dist", path))).length, 0);
