/** The hours of pipelines in a whole app on its own tables: computed, kept, refused to publishers, and used by the views. */
import { expect, onTestFinished, test } from "vitest";
import { createApp, type App } from "~/app";
import { readConfig } from "~/config";
import { HOUR_MS, type PipelineHour } from "~/model/hours/pipeline-hour";
import { EVERYTHING } from "~/model/filter";
import { hoursAsRows } from "../support/hour-feed";
import { pipelineEvent, type PipelineEvent } from "../support/pipeline-event";
import { temporaryFolder } from "../support/temporary-folder";
import { silentLog } from "../support/test-log";
import { until } from "../support/until";

const MINUTE = 60_000;
/** Only when the test says so. */
const WHEN_TOLD = { soonMs: 3_600_000, everyMs: 86_400_000, leastMs: 0, rows: 1_000_000, rests: 0 };

async function openApp(folder: string, clock: { now: () => number }): Promise<App> {
  const config = readConfig({ WEIR_DATA_DIR: folder, WEIR_PORT: "0" });
  const app = await createApp(config, { clock, log: silentLog, hourPace: WHEN_TOLD });
  onTestFinished(() => app.close());
  return app;
}

async function publish(app: App, events: readonly PipelineEvent[]): Promise<void> {
  await accept(app, "pipeline_events", events);
  await app.ingest.whenDrained();
}

const accept = (app: App, feed: string, events: readonly object[]) =>
  app.ingest.accept(feed, {
    body: (async function* () {
      yield Buffer.from(JSON.stringify(events));
      await Promise.resolve();
    })(),
    contentType: "application/json",
    contentEncoding: null,
    source: "test",
  });

async function keptHours(app: App): Promise<PipelineHour[]> {
  const { reader } = app.tables("pipeline_hours");
  const { position } = await reader.head();
  const answer = await reader.snapshot({ at: position, filter: EVERYTHING, limit: 10_000 });
  if (answer.kind === "gone") throw new Error("gone");
  return answer.rows.map((row) => hoursAsRows.toHour(row));
}

/** Every six minutes for eight hours, two days ago; the last three fail. */
function series(start: number): PipelineEvent[] {
  return Array.from({ length: 80 }, (_, i) => {
    const at = start + i * 6 * MINUTE;
    const isFailed = i >= 77;
    return pipelineEvent({
      eventId: `e-${i}`,
      correlationId: `b-${i}`,
      eventTimestamp: at,
      lastUpdatedAt: at + MINUTE,
      status: isFailed ? "FAILED" : "COMPLETED",
      errorMessage: isFailed ? "disk full" : null,
      processedRecordCount: 100,
    });
  });
}

test("hours are kept in a feed of their own, survive a restart, and make up what the views take for usual", async () => {
  const folder = await temporaryFolder();
  let now = Date.UTC(2026, 10, 20, 9, 5);
  const clock = { now: () => now };
  const start = now - 48 * HOUR_MS;
  const first = await openApp(folder, clock);
  await publish(first, series(start));
  await first.hours.get("pipeline_events")!.nextPass();

  const hours = await keptHours(first);
  const runs = hours.filter(({ stageName, state }) => stageName === null && state === "FINAL");
  expect(runs.reduce((sum, { attempts }) => sum + attempts, 0)).toBe(80);
  expect(hours.filter(({ state }) => state === "REMEMBERED")).toHaveLength(runs.length);
  const failed = runs.find((hour) => hour.failed > 0)!;
  expect(failed).toMatchObject({ failed: 3, firstFailedAt: start + 77 * 6 * MINUTE + MINUTE, recoveredAt: null });
  expect(failed.firstShownAt! - now).toBeLessThan(MINUTE);
  expect(hours.filter(({ state }) => state === "READ_TO")).toHaveLength(1);

  const refused = await accept(first, "pipeline_hours", [{ hourId: "x" }]).catch((error: Error) => error.message);
  expect(refused).toContain("is computed from feed pipeline_events by Weir itself; publish the events");

  const pipeline = async (app: App) => (await app.live.picture("pipeline_events", null)).derived!.pipelines[0]!;
  expect(await pipeline(first)).toMatchObject({ usualEveryMs: null });
  await first.close();

  now += 2 * HOUR_MS;
  const second = await openApp(folder, clock);
  await second.hours.get("pipeline_events")!.ready;
  await publish(second, [pipelineEvent({ eventId: "new", correlationId: "new", eventTimestamp: now })]);
  const usual = await until("the view to stand at the new commit", async () => {
    const found = await pipeline(second);
    return found.recent[0]!.correlationId === "new" && found;
  });
  expect(usual.usualEveryMs! / MINUTE).toBeCloseTo(6, 0);
  expect(usual).toMatchObject({ firstSeenAt: start, usualEveryOf: "hour of day" });

  // A pass after the restart goes on from where the one before had come to.
  const before = (await keptHours(second)).length;
  await second.hours.get("pipeline_events")!.nextPass();
  const after = await keptHours(second);
  expect(after.length).toBe(before + 2);
  expect(after.find(({ hour, stageName }) => hour > start + 40 * HOUR_MS && stageName === null)).toMatchObject({
    state: "PROVISIONAL",
    attempts: 1,
  });

  // The past is compared with what was usual then.
  const { reader } = second.tables("pipeline_events");
  const past = await reader.resolve({ time: now - HOUR_MS });
  if (past.kind === "gone") throw new Error("gone");
  const then = await second.live.picture("pipeline_events", past);
  expect(then.derived!.pipelines[0]).toMatchObject({ usualEveryMs: null });
});
