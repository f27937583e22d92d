/** Rows that are past their time leave the views of whoever follows, told or not (invariant 4). */
import { expect, onTestFinished, test } from "vitest";
import { createMetrics } from "~/metrics";
import { openLake } from "~/lake/open";
import { localStorage } from "~/lake/storage/local";
import { Live } from "~/live/live";
import { keyOf, type Feed } from "~/model/feed";
import { pipelineEvents, rowOf, stagedFile, steppedClock, T0 } from "../support/lake";
import { temporaryFolder } from "../support/temporary-folder";
import { silentLog } from "../support/test-log";
import { until } from "../support/until";

const DAY_MS = 86_400_000;

const failure = (feed: Feed, id: string, day: number) =>
  rowOf(feed, {
    eventId: id,
    correlationId: `batch-${id}`,
    pipelineName: `pipeline-${id}`,
    stageName: "load",
    status: "FAILED",
    errorMessage: "no space left",
    eventTimestamp: T0 + day * DAY_MS,
    lastUpdatedAt: T0 + day * DAY_MS,
  });

test.each([{ announced: true }, { announced: false }])(
  "rows that leave for their age leave the hot window and the problems too (announced: $announced)",
  async ({ announced }) => {
    const feed: Feed = { ...(await pipelineEvents()), retentionMs: DAY_MS };
    const clock = steppedClock();
    const storage = localStorage(await temporaryFolder());
    const lake = await openLake({ storage, folder: "lake", clock, retainMs: 600_000 });
    onTestFinished(() => lake.close());
    const { reader, writer } = await lake.tables(feed);
    await writer.recover();
    await writer.commit([stagedFile("file-1", [failure(feed, "old", 0), failure(feed, "new", 2)])]);
    const live = await Live.open({
      feeds: [feed],
      readerOf: () => reader,
      hotRows: 100,
      clock,
      log: silentLog,
      metrics: createMetrics(),
      pollMs: 20,
    });
    onTestFinished(() => live.close());
    const shown = async () => {
      const { rows, derived, position } = await live.picture(feed.name, null);
      return { keys: rows.map((row) => keyOf(feed, row)), problems: derived!.problems.length, position };
    };
    const first = await shown();
    expect(first).toMatchObject({ keys: ["new", "old"], problems: 2 });
    clock.advance(2 * DAY_MS);
    const [left] = await writer.maintain();
    expect(left).toMatchObject({ from: first.position, del: ["old"] });
    if (announced) live.committed(feed.name, left!);
    await until("the view stands at the drop", async () => (await shown()).position === left!.to);
    expect(await shown()).toEqual({ keys: ["new"], problems: 1, position: left!.to });
    const before = await reader.resolve({ position: first.position });
    if (before.kind === "gone") throw new Error("gone");
    expect((await live.picture(feed.name, before)).rows).toHaveLength(2);
  },
);
