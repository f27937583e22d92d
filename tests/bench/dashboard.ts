/** A dashboard of twelve panels over a full hot window: how long the server takes, how soon it can be used, on how many streams. */
import { postAvro } from "../support/api-client";
import { randomEvent } from "../support/pipeline-event";
import { seededRandom } from "../support/random";
import { ServerProcess } from "../support/server-process";
import { until } from "../support/until";
import { launchBrowser, marksOf, withPage } from "./browser";
import { copyOfDataSet } from "./data-set";
import { timedGet, timedGets } from "./http-timing";
import { printReport, say, summarise, type Figure } from "./report";

const HOT_ROWS = 100_000;
const COUNTS = { full: { responses: 30, commits: 20, visits: 7 }, quick: { responses: 10, commits: 6, visits: 3 } };
const GOAL_MS = 60;
const CLICK_GOAL_MS = 400;
const DATABASE_STARTS_MS = 60_000;

/** @param args "quick" for fewer measurements */
export async function main(args: string[]): Promise<number> {
  const wrong = args.find((arg) => arg !== "quick");
  if (wrong !== undefined) throw new Error(`There is no part "${wrong}"; there is quick.`);
  const counts = args.includes("quick") ? COUNTS.quick : COUNTS.full;
  const { dataDir } = await copyOfDataSet(HOT_ROWS);
  const server = await ServerProcess.start({ dataDir });
  try {
    const url = `${server.address}/dashboards/${await twelvePanels(server.address)}`;
    const figures = [
      ...(await responses(server.address, url, counts.responses, counts.commits)),
      ...(await visits(url, counts.visits)),
    ];
    printReport("dashboard", figures);
    return 0;
  } finally {
    await server.stop();
  }
}

const FEED = "pipeline_events";
const place = (i: number) => ({ x: (i % 3) * 4, y: Math.floor(i / 3) * 5, w: 4, h: 5 });
const chart = (more: object) => ({
  kind: "chart",
  settings: { feed: FEED, filter: "", measure: "count", field: null, by: "status", span: "24h", ...more },
});
const PANELS: readonly object[] = [
  { kind: "counts", settings: { feed: FEED, filter: "" } },
  { kind: "counts", settings: { feed: FEED, filter: "status=FAILED&status=RETRYING" } },
  { kind: "counts", settings: { feed: FEED, filter: "from=-1h" } },
  chart({}),
  chart({ by: "pipelineName" }),
  chart({ measure: "sum", field: "processedRecordCount", by: "status" }),
  chart({ filter: "status=FAILED", by: "stageName", span: "6h" }),
  { kind: "problems", settings: { view: "problems", filter: "state!=recovered", rows: 10 } },
  { kind: "pipelines", settings: { view: "pipelines", filter: "", rows: 20 } },
  { kind: "table", settings: { source: `feeds/${FEED}`, filter: "", columns: [], rows: 50 } },
  { kind: "table", settings: { source: `feeds/${FEED}`, filter: "status=FAILED", columns: [], rows: 50 } },
  { kind: "note", settings: { text: "# Runbook\n\nAsk **Ana**." } },
];

/** @returns the id of a dashboard with all of them */
async function twelvePanels(address: string): Promise<string> {
  const panels = PANELS.map((panel, i) => ({ id: `p-${i}`, title: "", place: place(i), ...panel }));
  const body = JSON.stringify({ name: "Bench", layout: { schemaVersion: 2, panels } });
  return until(
    "the dashboard to be kept",
    async () => {
      const answer = await fetch(`${address}/api/v1/dashboards`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
      });
      if (answer.status === 503) return null; // the database is starting
      if (answer.status !== 201) throw new Error(`${answer.status}: ${await answer.text()}`);
      return ((await answer.json()) as { id: string }).id;
    },
    DATABASE_STARTS_MS,
  );
}

async function responses(address: string, url: string, count: number, commits: number): Promise<Figure[]> {
  const kept = await timedGets(url, "identity", count, 5);
  const fresh: number[] = [];
  const onCall: number[] = [];
  const random = seededRandom(7);
  for (let i = 0; i < commits; i++) {
    for (const [path, took] of [
      ["/", onCall],
      [null, fresh],
    ] as const) {
      await commitOne(address, randomEvent(random, `bench-${i}-${path}`, Date.now() - 1_000));
      took.push((await timedGet(path === null ? url : address + path, "identity")).ms);
    }
  }
  return [
    { what: "page of 12 panels, first at its position", unit: "ms", value: summarise(fresh), goal: GOAL_MS },
    { what: "the same again", unit: "ms", value: summarise(kept), goal: GOAL_MS },
    { what: "on-call page, first at its position", unit: "ms", value: summarise(onCall) },
  ];
}

async function commitOne(address: string, event: ReturnType<typeof randomEvent>): Promise<void> {
  const about = async () => (await (await fetch(`${address}/api/v1/feeds/${FEED}`)).json()) as { head: string };
  const { head } = await about();
  await postAvro(address, [event]);
  await until("the commit", async () => (await about()).head !== head);
}

/** Clicks on the menu of the dashboard from the moment it exists until it is open. Runs in the page. */
function clickUntilOpen(): void {
  const marks = globalThis as unknown as { opened?: number };
  const click = () => {
    const menu = document.querySelector<HTMLDetailsElement>(".title details");
    if (menu?.open) {
      marks.opened ??= performance.now();
      return;
    }
    menu?.querySelector("summary")?.click();
    setTimeout(click, 4);
  };
  click();
}

async function visits(url: string, count: number): Promise<Figure[]> {
  say("Cold visits …");
  const browser = await launchBrowser();
  const clicks: number[] = [];
  const live: number[] = [];
  let streams = 0;
  try {
    for (let visit = 0; visit <= count; visit++) {
      await withPage(browser, clickUntilOpen, async (page) => {
        streams = 0;
        page.on("request", (request) => {
          if (new URL(request.url()).pathname === "/api/v1/live") streams++;
        });
        await page.goto(url, { waitUntil: "commit" });
        const { opened } = await marksOf(page, ["opened"]);
        await page.waitForFunction(() => document.querySelector("#link-state")?.textContent?.trim() === "Live");
        const liveMs = await page.evaluate(() => performance.now());
        if (visit > 0) [clicks, live].forEach((list, i) => list.push(i === 0 ? opened : liveMs));
      });
    }
  } finally {
    await browser.close();
  }
  return [
    { what: "cold navigation to first click taking effect", unit: "ms", value: summarise(clicks), goal: CLICK_GOAL_MS },
    { what: "cold navigation to live", unit: "ms", value: summarise(live) },
    { what: "streams of a page", unit: "", value: streams, goal: 1 },
  ];
}
