/**
 * A batch of ten thousand events on top of a full hot window: how long its page, its facts and the page of its pipeline take, now
 * and as of a past commit, and how soon a browser shows them.
 */
import { postAvro } from "../support/api-client";
import { pipelineEvent, type PipelineEvent } from "../support/pipeline-event";
import { ServerProcess } from "../support/server-process";
import { until } from "../support/until";
import { launchBrowser, withPage } from "./browser";
import { copyOfDataSet } from "./data-set";
import { timedGet, timedGets } from "./http-timing";
import { printReport, say, summarise, type Figure } from "./report";

const HOT_ROWS = 100_000;
const COUNTS = { full: { responses: 20, visits: 5 }, quick: { responses: 6, visits: 3 } };
const OPENS_MS = 1_000;
const FEED = "pipeline_events";
const BIG = "bench-big-batch";
const STAGES = 50;
const ATTEMPTS = 50;
const EVENTS_OF_ATTEMPT = 4;
const COMMIT_WITHIN_MS = 60_000;

/** @param args "quick" for fewer measurements, "large" for a table of a million events */
export async function main(args: string[]): Promise<number> {
  const wrong = args.find((arg) => arg !== "quick" && arg !== "large");
  if (wrong !== undefined) throw new Error(`There is no part "${wrong}"; there are quick and large.`);
  const counts = args.includes("quick") ? COUNTS.quick : COUNTS.full;
  const { dataDir } = await copyOfDataSet(args.includes("large") ? 1_000_000 : HOT_ROWS);
  const server = await ServerProcess.start({ dataDir });
  try {
    const { address } = server;
    const instant = await publishBig(address);
    await publish(address, [pipelineEvent({ eventId: "later", eventTimestamp: Date.now() - 1_000 })]);
    printReport("batch", [
      ...(await responses(address, instant, counts.responses)),
      ...(await visits(address, counts.visits)),
    ]);
    return 0;
  } finally {
    await server.stop();
  }
}

/** One event per change of status: started, running twice, then the end; the first of two attempts fails. */
async function publishBig(address: string): Promise<string> {
  say(`Publishing a batch of ${STAGES * ATTEMPTS * EVENTS_OF_ATTEMPT} events …`);
  const events: PipelineEvent[] = [];
  const start = Date.now() - 3_600_000;
  for (let stage = 0; stage < STAGES; stage++) {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const begins = start + stage * 60_000 + attempt * 1_000;
      for (let i = 0; i < EVENTS_OF_ATTEMPT; i++) {
        const isLast = i === EVENTS_OF_ATTEMPT - 1;
        const end = attempt % 2 === 0 ? "FAILED" : "COMPLETED";
        events.push(
          pipelineEvent({
            eventId: `big-${stage}-${attempt}-${i}`,
            correlationId: BIG,
            pipelineName: "orders",
            stageName: `stage-${stage}`,
            attempt,
            status: isLast ? end : i === 0 ? "STARTED" : "RUNNING",
            eventTimestamp: begins + i * 200,
            errorMessage: isLast && end === "FAILED" ? "connection to warehouse timed out after 30 s" : null,
            sourceRecordCount: 50_000,
            processedRecordCount: isLast ? 49_900 : null,
            host: `worker-${attempt % 8}`,
          }),
        );
      }
    }
  }
  return publish(address, events);
}

async function publish(address: string, events: readonly PipelineEvent[]): Promise<string> {
  const about = async () =>
    (await (await fetch(`${address}/api/v1/feeds/${FEED}`)).json()) as {
      head: string;
      instant: string;
      staged: { events: number };
    };
  const { head } = await about();
  await postAvro(address, [...events]);
  const committed = async () => {
    const now = await about();
    return now.head !== head && now.staged.events === 0 && now.instant;
  };
  return until("the commit", committed, COMMIT_WITHIN_MS);
}

async function responses(address: string, instant: string, count: number): Promise<Figure[]> {
  const page = `${address}/batches/${BIG}`;
  const body = (await timedGet(page, "identity")).body.length;
  const timed = async (url: string) => summarise(await timedGets(url, "identity", count, 2));
  const cold = (await timedGet(`${page}?at=${instant}`, "identity")).ms;
  return [
    {
      what: `page of a batch of ${STAGES * ATTEMPTS * EVENTS_OF_ATTEMPT} events`,
      unit: "ms",
      value: await timed(page),
      goal: OPENS_MS,
    },
    { what: "its HTML", unit: "kB", value: body / 1_000 },
    { what: "its facts as JSON", unit: "ms", value: await timed(`${address}/api/v1/batches/${BIG}`) },
    { what: "the page as of a past commit, cold", unit: "ms", value: cold, goal: OPENS_MS },
    {
      what: "the page as of a past commit, warm",
      unit: "ms",
      value: await timed(`${page}?at=${instant}`),
      goal: OPENS_MS,
    },
    { what: "page of its pipeline", unit: "ms", value: await timed(`${address}/pipelines/orders`) },
    { what: "list of pipelines", unit: "ms", value: await timed(`${address}/pipelines`) },
  ];
}

/** A fresh browser each time, until the last attempt of the batch is painted and the page follows. */
async function visits(address: string, count: number): Promise<Figure[]> {
  say("Cold visits …");
  const browser = await launchBrowser();
  const painted: number[] = [];
  const live: number[] = [];
  try {
    for (let visit = 0; visit <= count; visit++) {
      await withPage(browser, null, async (page) => {
        await page.goto(`${address}/batches/${BIG}`, { waitUntil: "commit" });
        await page.waitForFunction(() => document.querySelector(".attempts tbody tr") !== null);
        const first = await page.evaluate(() => new Promise<number>((done) => requestAnimationFrame(() => done(performance.now())))); // prettier-ignore
        await page.waitForFunction(() => document.querySelector("#link-state")?.textContent?.trim() === "Live");
        const following = await page.evaluate(() => performance.now());
        if (visit > 0) {
          painted.push(first);
          live.push(following);
        }
      });
    }
  } finally {
    await browser.close();
  }
  return [
    { what: "cold navigation to its attempts painted", unit: "ms", value: summarise(painted), goal: OPENS_MS },
    { what: "cold navigation to live", unit: "ms", value: summarise(live) },
  ];
}
