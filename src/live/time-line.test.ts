import { pino } from "pino";
import { Registry } from "prom-client";
import { expect, it } from "vitest";
import { MemoryFeed } from "../../tests/support/memory-feed";
import { eventRow, NINE, pipelineFeed } from "../../tests/support/pipeline-feed";
import { seededRandom } from "../../tests/support/random";
import { fieldIndex } from "../model/feed";
import { Live } from "./live";

const FEED = "pipeline_events";
const MINUTE_MS = 60_000;
const NOW = NINE + 90 * MINUTE_MS;
const sum = (counts: readonly number[] | null) => counts?.reduce((total, count) => total + count, 0);

it("counts the commits from before the start and since, and the failures of the window as it moves", async () => {
  const tables = new MemoryFeed(pipelineFeed);
  const random = seededRandom(3);
  const commit = (minute: number) => {
    const rows = Array.from({ length: 3 }, () => {
      const key = random.int(0, 25);
      return eventRow({
        ...{
          eventId: `e-${key}`,
          correlationId: `batch-${key}`,
          status: random.pick(["FAILED", "COMPLETED", "RUNNING"]),
        },
        ...{ eventTimestamp: NINE + key * MINUTE_MS, lastUpdatedAt: NINE + minute * MINUTE_MS },
      });
    });
    return tables.commit(NINE + minute * MINUTE_MS, [...new Map(rows.map((row) => [row[0], row])).values()]);
  };
  for (let minute = 0; minute < 30; minute++) commit(minute);
  const live = await Live.open({
    feeds: [pipelineFeed],
    readerOf: () => tables,
    hotRows: 15,
    clock: { now: () => NOW },
    log: pino({ level: "silent" }),
    metrics: new Registry(),
  });
  const status = fieldIndex(pipelineFeed, "status");
  const failed = async () => (await live.picture(FEED, null)).rows.filter((row) => row[status] === "FAILED").length;
  const shown = async () => {
    const { commits, failures, oldest, failuresFrom } = await live.timeLine(FEED, null);
    return { commits: sum(commits), failures: sum(failures), oldest, isCut: failuresFrom !== null };
  };
  await live.picture(FEED, null);
  const oldest = "20261121090000000";
  expect(await shown()).toEqual({ commits: 30, failures: await failed(), oldest, isCut: true });
  for (let minute = 40; minute < 60; minute++) {
    const done = commit(minute);
    live.committed(FEED, done);
    await expect.poll(async () => (await live.picture(FEED, null)).position).toBe(done.to);
    expect(await shown()).toEqual({ commits: 30 + minute - 39, failures: await failed(), oldest, isCut: true });
  }
  await live.close();
});
