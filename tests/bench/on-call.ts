/**
 * The first page with 200 pipelines, 50 problems and a full hot window: what the server takes, what it weighs, how soon it can
 * be used, on a fast machine and on a slow one, and that none of it grows with the table.
 */
import type { Browser } from "playwright";
import { feedInfo, postAvro } from "../support/api-client";
import { randomEvent } from "../support/pipeline-event";
import { seededRandom } from "../support/random";
import { ServerProcess } from "../support/server-process";
import { until } from "../support/until";
import { untilAtRest } from "./at-rest";
import { launchBrowser, withPage } from "./browser";
import { clickUntilPicked, firstClickOf, type FirstClick } from "./first-click";
import { timedGet, timedGets } from "./http-timing";
import { onCallData, PIPELINES, PROBLEMS } from "./on-call-data";
import { gzippedSize, scriptsOf } from "./page-load";
import { printReport, say, summarise, type Figure } from "./report";

const SIZES = { million: 1_000_000, "ten-million": 10_000_000 } as const;
type Size = keyof typeof SIZES;
const COUNTS = { full: { responses: 30, commits: 15, visits: 7 }, quick: { responses: 8, commits: 4, visits: 2 } };
const SERVER_GOAL_MS = 40;
const HTML_GOAL = 120_000;
const CLICK_GOAL_MS = 300;
const SCRIPT_GOAL = 45_000;
const PAINT_GOAL_MS = 1_200;
const GROWTH_GOAL = 1.2;
const IDLE_MS = 2_000;
const STARTS_MS = 60_000;

/** @param args million or ten-million (both unless told), "quick" for fewer measurements */
export async function main(args: string[]): Promise<number> {
  const isSize = (text: string): text is Size => text in SIZES;
  const wrong = args.find((arg) => arg !== "quick" && !isSize(arg));
  if (wrong !== undefined)
    throw new Error(`There is no part "${wrong}"; there are ${Object.keys(SIZES).join(", ")} and quick.`);
  const sizes = args.some(isSize) ? args.filter(isSize) : (Object.keys(SIZES) as Size[]);
  const counts = args.includes("quick") ? COUNTS.quick : COUNTS.full;
  const measured = [];
  for (const size of sizes) measured.push(await ofSize(SIZES[size], counts));
  const figures = measured.flatMap((one) => one.figures);
  const [small, large] = measured;
  if (small && large)
    for (const [what, of] of [
      ["server time", "server"],
      ["first click", "click"],
    ] as const)
      figures.push({ what: `${what}, 10 million to 1 million`, unit: "", value: large[of] / small[of], goal: GROWTH_GOAL }); // prettier-ignore
  printReport("on-call", figures, { sizes });
  return 0;
}

async function ofSize(events: number, counts: (typeof COUNTS)["full"]) {
  const { dataDir } = await onCallData(events);
  const server = await ServerProcess.start({ dataDir });
  const browser = await launchBrowser();
  const among = `${events / 1_000_000} M events`;
  try {
    const url = `${server.address}/`;
    await untilWhole(server.address);
    await untilAtRest(server);
    const answered = await responses(server.address, counts, among);
    say("Cold visits …");
    const visited = await visits(browser, url, counts.visits, among);
    const slow = await slowVisits(browser, url, counts.visits, among);
    return {
      figures: [...answered.figures, ...visited.figures, ...slow],
      server: answered.server,
      click: visited.click,
    };
  } finally {
    await browser.close();
    await server.stop();
  }
}

/** The page is what it is said to be: all pipelines counted, all problems listed or counted. */
async function untilWhole(address: string): Promise<void> {
  await until("the hot window", async () => (await feedInfo(address)).hot.rows === 100_000, STARTS_MS);
  const rows = async (view: string) =>
    ((await (await fetch(`${address}/api/v1/views/${view}/rows`)).json()) as { rows: { state: string }[] }).rows;
  const [pipelines, problems] = [await rows("pipelines"), await rows("problems")];
  const open = problems.filter(({ state }) => state !== "recovered").length;
  if (pipelines.length !== PIPELINES || open !== PROBLEMS)
    throw new Error(
      `There are ${pipelines.length} pipelines and ${open} problems instead of ${PIPELINES} and ${PROBLEMS}.`,
    );
}

async function responses(address: string, { responses: count, commits }: (typeof COUNTS)["full"], among: string) {
  const again = await timedGets(`${address}/`, "identity", count, 5);
  const compressed = await timedGets(`${address}/`, "br", count, 3);
  const fresh: number[] = [];
  const random = seededRandom(7);
  for (let i = 0; i < commits; i++) {
    const { head } = await feedInfo(address);
    await postAvro(address, [randomEvent(random, `bench-${i}`, Date.now() - 1_000)]);
    await until("the commit", async () => (await feedInfo(address)).head !== head);
    fresh.push((await timedGet(`${address}/`, "identity")).ms);
  }
  const { body } = await timedGet(`${address}/`, "identity");
  const wire = (await timedGet(`${address}/`, "br")).body.length;
  const state = /<script type="qwik\/json"[^>]*>([\s\S]*?)<\/script>/.exec(body.toString("utf8"))?.[1] ?? "";
  const median = summarise(again);
  const figures: Figure[] = [
    { what: `/ among ${among}, server`, unit: "ms", value: median, goal: SERVER_GOAL_MS },
    { what: "the same as browsers get it, compressed", unit: "ms", value: summarise(compressed), goal: SERVER_GOAL_MS },
    { what: "the same, first at its position", unit: "ms", value: summarise(fresh), goal: SERVER_GOAL_MS },
    { what: "HTML", unit: "bytes", value: body.length, goal: HTML_GOAL },
    { what: "HTML, as it goes over the wire", unit: "bytes", value: wire },
    { what: "qwik/json", unit: "bytes", value: Buffer.byteLength(state), goal: 4_000 },
  ];
  return { figures, server: median.median };
}

async function visits(browser: Browser, url: string, count: number, among: string) {
  const clicks: FirstClick[] = [];
  const live: number[] = [];
  let scripts: ReadonlySet<string> = new Set();
  for (let visit = 0; visit <= count; visit++) {
    await withPage(browser, clickUntilPicked, async (page) => {
      const seen = scriptsOf(page);
      await page.goto(url, { waitUntil: "commit" });
      const clicked = await firstClickOf(page);
      await page.waitForFunction(() => document.querySelector("#link-state")?.textContent?.trim() === "Live");
      const isLive = await page.evaluate(() => performance.now());
      await page.waitForTimeout(IDLE_MS);
      // The first visit warms up the server and the browser.
      if (visit > 0) {
        clicks.push(clicked);
        live.push(isLive);
      }
      scripts = seen;
    });
  }
  const click = summarise(clicks.map(({ picked }) => picked));
  const painted = summarise(clicks.map((clicked) => clicked.painted));
  const figures: Figure[] = [
    { what: `first click takes effect, ${among}`, unit: "ms", value: click, goal: CLICK_GOAL_MS },
    { what: `first problem painted, ${among}`, unit: "ms", value: painted },
    { what: "page is live", unit: "ms", value: summarise(live) },
    { what: "JavaScript before interaction, gzip", unit: "bytes", value: gzippedSize(scripts), goal: SCRIPT_GOAL },
    { what: "of so many files", unit: "", value: scripts.size },
  ];
  return { figures, click: click.median };
}

/** A slow machine behind a slow line: CPU a quarter, 10 Mbit/s, 40 ms. */
async function slowVisits(browser: Browser, url: string, count: number, among: string): Promise<Figure[]> {
  const clicks: FirstClick[] = [];
  for (let visit = 0; visit <= count; visit++) {
    await withPage(browser, clickUntilPicked, async (page) => {
      const devtools = await page.context().newCDPSession(page);
      await devtools.send("Network.enable");
      await devtools.send("Network.emulateNetworkConditions", {
        offline: false,
        latency: 40,
        downloadThroughput: 10_000_000 / 8,
        uploadThroughput: 10_000_000 / 8,
      });
      await devtools.send("Emulation.setCPUThrottlingRate", { rate: 4 });
      await page.goto(url, { waitUntil: "commit" });
      const clicked = await firstClickOf(page);
      if (visit > 0) clicks.push(clicked);
    });
  }
  const on = `4 × slower CPU, 10 Mbit/s, 40 ms, ${among}`;
  return [
    {
      what: `first problem painted, ${on}`,
      unit: "ms",
      value: summarise(clicks.map(({ painted }) => painted)),
      goal: PAINT_GOAL_MS,
    },
    { what: `first click takes effect, ${on}`, unit: "ms", value: summarise(clicks.map(({ picked }) => picked)) },
  ];
}
