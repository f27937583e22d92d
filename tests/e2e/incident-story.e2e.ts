/**
 * An incident, told as a story: a failure appears on an open page, somebody finds the cause, sees the recovery, and sends a pinned
 * link, which shows the same the next day and when everything else of that time is gone (invariant 5). The days pass by stepping
 * the server's clock.
 */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { FeedInfo } from "../support/api-client";
import { copyMadeDatabase, NODE_ARGS } from "../support/begin-with";
import { browserTabs, clickThrough, eventually } from "../support/browser";
import { eventRows, untilLive } from "../support/pages";
import { pipelineEvent, type PipelineEvent } from "../support/pipeline-event";
import { ServerProcess } from "../support/server-process";
import { until } from "../support/until";
import { removeFolder } from "../support/remove-folder";

const FEED = "/api/v1/feeds/pipeline_events";
const DAY_MS = 86_400_000;
const PRELOAD = fileURLToPath(new URL("../support/stepped-date.mjs", import.meta.url));
/** Timelines keep some commits however old they are, and let go of some at once: so many new ones push them out. */
const PUSHING_OUT = 45;
/** Longer than `WEIR_RETAIN`, which keeps commits whatever there are of them. */
const PAST_RETAINED_MS = 120_000;
/** Tables are tidied now and then. */
const TIDIED_MS = 120_000;
const ERROR = "disk full on warehouse-7: could not write orders.parquet";

const { open } = browserTabs();
let folder: string;
let server: ServerProcess;
let aheadMs = 0;

const startAhead = async (ms: number) => {
  aheadMs = ms;
  const env = { WEIR_TEST_CLOCK_AHEAD_MS: String(ms), WEIR_RETAIN: "1m" };
  server = await ServerProcess.start({ dataDir: folder, env, nodeArgs: [...NODE_ARGS, "--import", PRELOAD] });
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "weir-story-"));
  await copyMadeDatabase(folder);
  await startAhead(0);
});
afterAll(async () => {
  await server.stop();
  await removeFolder(folder);
});

const text = async (path: string): Promise<string> => (await fetch(server.address + path)).text();

async function publish(events: readonly PipelineEvent[]): Promise<string> {
  const body = JSON.stringify(events);
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${server.address}${FEED}/events`, { method: "POST", headers, body });
  expect(answer.status, await answer.text()).toBe(202);
  return until("the commit", async () => {
    const { staged, instant } = JSON.parse(await text(FEED)) as FeedInfo;
    return staged.events === 0 && instant;
  });
}

let made = 0;
const event = (given: Partial<PipelineEvent>): PipelineEvent => {
  const at = Date.now() + aheadMs - 60_000 + ++made;
  return pipelineEvent({
    eventId: `e-${made}`,
    eventTimestamp: at,
    pipelineName: "orders",
    stageName: "load",
    ...given,
  });
};

/** What the page shows of its data: all that does not say how long ago it is. */
async function shown(page: Page): Promise<string[]> {
  await page.getByText(/^You are viewing/).waitFor();
  return [...(await eventRows(page).allInnerTexts()), await page.locator("footer").innerText()];
}

const answers = (instant: string) =>
  Promise.all([`${FEED}/rows?at=${instant}`, `/api/v1/views/problems/rows?at=${instant}`].map((path) => text(path)));

it("is found, mended, pinned, and the same for good", { timeout: 300_000 }, async () => {
  // An evening like any other.
  await publish([event({ correlationId: "batch-1", status: "COMPLETED" })]);
  const page = await open(`${server.address}/`);
  await untilLive(page);

  // A failure appears on the page that is open.
  const failed = await publish([event({ correlationId: "batch-2", status: "FAILED", errorMessage: ERROR })]);
  const cause = page.locator('main a[href^="/problems/"]').first();
  await cause.waitFor();
  expect(await page.locator("main").innerText()).toContain("disk full");

  // The cause is one step away.
  await clickThrough(cause);
  await page.getByText(ERROR).first().waitFor();

  // It recovers, and the page that is open says so.
  const watched = await open(`${server.address}/`);
  await untilLive(watched);
  const problems = watched.locator('main a[href^="/problems/"]');
  expect(await problems.count()).toBeGreaterThan(0);
  await publish([event({ correlationId: "batch-3", status: "COMPLETED" })]);
  await eventually(() => problems.count()).toBe(0);
  await page.reload();
  expect(await page.locator("main").innerText()).toMatch(/recovered/i);

  // The moment of the failure is pinned, and its link copied.
  await page.goto(`${server.address}/?at=${failed}`);
  await page.getByText("Link and pin").click();
  await page.getByLabel("Note").fill("the disk of warehouse-7");
  await page.getByRole("button", { name: "Pin it" }).click();
  await page.getByText("Pinned", { exact: true }).click();
  const link = await page.getByLabel("Link to exactly this").inputValue();
  expect(new URL(link).search).toBe(`?at=${failed}`);
  const [then, bytes] = [await shown(page), await answers(failed)];
  expect(then.join("\n")).toContain("batch-2");
  expect(bytes[1]).toContain(ERROR);

  // The next day.
  await Promise.all([page, watched].map((tab) => tab.goto("about:blank")));
  await server.stop();
  await startAhead(DAY_MS);
  const nextDay = await open(`${server.address}/${new URL(link).search}`);
  expect(await shown(nextDay)).toEqual(then);
  expect(await answers(failed)).toEqual(bytes);

  // So much later that nothing else of that evening is kept.
  await nextDay.goto("about:blank");
  await server.stop();
  await startAhead(45 * DAY_MS);
  for (let n = 0; n < PUSHING_OUT; n++) await publish([event({ correlationId: "later", stageName: "extract" })]);
  await server.stop();
  await startAhead(45 * DAY_MS + PAST_RETAINED_MS);
  await until(
    "the log to let go of the evening",
    async () => {
      await publish([event({ correlationId: "later", stageName: "extract" })]);
      const { reach } = JSON.parse(await text(FEED)) as { reach: string };
      return reach > failed;
    },
    TIDIED_MS,
  );
  const beside = await fetch(`${server.address}/?at=${new Date(Date.now() - 1_000).toISOString()}`);
  expect(beside.status).toBe(410);
  const muchLater = await open(`${server.address}/${new URL(link).search}`);
  expect(await shown(muchLater)).toEqual(then);
  expect(await answers(failed)).toEqual(bytes);
});
