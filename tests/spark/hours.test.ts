/**
 * Rolled-up hours where Spark writes the tables and answers about them, and where others write them: then they are in memory, of
 * what the table tells.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createApp, type App } from "~/app";
import { readConfig } from "~/config";
import { HOUR_MS, type PipelineHour } from "~/model/hours/pipeline-hour";
import { EVERYTHING } from "~/model/filter";
import { copyMadeDatabase } from "../support/begin-with";
import { hoursAsRows } from "../support/hour-feed";
import { pipelineEvent } from "../support/pipeline-event";
import { noSpark, sparkAddress } from "../support/spark";
import { temporaryFolder } from "../support/temporary-folder";
import { silentLog } from "../support/test-log";

vi.setConfig({ testTimeout: 600_000 });

const MINUTE = 60_000;
const FEED = "pipeline_events";
/** Only when the test says so. */
const WHEN_TOLD = { soonMs: 3_600_000, everyMs: 86_400_000, leastMs: 0, rows: 1_000_000, rests: 0 };
/** The day before yesterday: the commits of Spark are of the machine's time. */
const DAY = (Math.floor(Date.now() / (24 * HOUR_MS)) - 2) * 24 * HOUR_MS;

async function openApp(more: Readonly<Record<string, string>>): Promise<App> {
  const dataDir = await temporaryFolder();
  await copyMadeDatabase(dataDir);
  const config = readConfig({ WEIR_DATA_DIR: dataDir, WEIR_PORT: "0", WEIR_ENGINE: "spark", ...more });
  const app = await createApp(config, { log: silentLog, hourPace: WHEN_TOLD });
  onTestFinished(() => app.close());
  return app;
}

/** A batch every six minutes for three hours; the last three fail. */
const series = Array.from({ length: 30 }, (_, i) => {
  const [at, isFailed] = [DAY + 9 * HOUR_MS + i * 6 * MINUTE, i >= 27];
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

async function publish(app: App, events: readonly object[]): Promise<void> {
  await app.ingest.accept(FEED, {
    body: (async function* () {
      yield Buffer.from(JSON.stringify(events));
      await Promise.resolve();
    })(),
    contentType: "application/json",
    contentEncoding: null,
    source: "test",
  });
  await app.ingest.whenDrained();
}

async function rolledUp(app: App): Promise<PipelineHour[]> {
  const keeper = app.hours.get(FEED)!;
  await keeper.nextPass();
  const hours = await keeper.store.hours(DAY, DAY + 48 * HOUR_MS);
  return hours.sort((a, b) => (a.hourId < b.hourId ? -1 : 1));
}

const runsOf = (hours: readonly PipelineHour[]) =>
  hours
    .filter(({ stageName }) => stageName === null)
    .map(({ hour, state, attempts, failed, rowsOut }) => [(hour - DAY) / HOUR_MS, state, attempts, failed, rowsOut]);

/** Log and state have commits of their own: when a row came differs between whoever reads the one or the other. */
const told = ({ sourceAt: _, firstShownAt: __, ...rest }: PipelineHour) => rest;

describe.skipIf(noSpark)("hours on Spark", () => {
  it("are kept in a feed of their own, and in memory where the tables are somebody else's", async () => {
    const { host, port } = sparkAddress();
    const folder = await temporaryFolder();
    const name = randomBytes(6).toString("hex");
    const at = (database: string) => ({
      WEIR_SPARK_URL: `hive2://${host}:${port}/${database}_${name}`,
      WEIR_LAKE_URL: `file:${join(folder, "lake")}`,
    });
    const ours = await openApp(at("hours"));
    await publish(ours, series);
    const first = await rolledUp(ours);
    expect(runsOf(first)).toEqual([
      [9, "FINAL", 10, 0, 1_000],
      [10, "FINAL", 10, 0, 1_000],
      [11, "FINAL", 10, 3, 1_000],
    ]);
    // What comes late is told from what changed, not from everything.
    const times = { eventTimestamp: DAY + 10.5 * HOUR_MS, lastUpdatedAt: Date.now() };
    await publish(ours, [pipelineEvent({ eventId: "late", correlationId: "late", ...times, processedRecordCount: 7 })]);
    const second = await rolledUp(ours);
    expect(runsOf(second)[1]).toEqual([10, "PROVISIONAL", 11, 0, 1_007]);
    expect(
      first.filter((hour) =>
        second.some(({ hourId, sourceAt }) => hourId === hour.hourId && sourceAt === hour.sourceAt),
      ),
    ).toHaveLength(first.length - 2);
    const { reader } = ours.tables("pipeline_hours");
    const { position } = await reader.head();
    const kept = await reader.snapshot({ at: position, filter: EVERYTHING, limit: 1_000 });
    if (kept.kind === "gone") throw new Error("gone");
    const states = kept.rows.map((row) => hoursAsRows.toHour(row).state).sort();
    expect(new Set(states)).toEqual(new Set(["FINAL", "PROVISIONAL", "READ_TO", "REMEMBERED"]));
    await ours.close();

    const theirs = await openApp({ ...at("theirs"), WEIR_WRITER: "none" });
    expect(theirs.feeds.map((feed) => feed.name)).not.toContain("pipeline_hours");
    expect((await rolledUp(theirs)).map(told)).toEqual(second.map(told));
  });
});
