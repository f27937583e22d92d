import { expect, it } from "vitest";
import { MemoryFeed } from "../../tests/support/memory-feed";
import { eventRow, NINE, pipelineFeed } from "../../tests/support/pipeline-feed";
import type { FeedReader } from "../lake/reader";
import { instantAt } from "../model/instant";
import { CommitTimes } from "./commit-times";

const MINUTE_MS = 60_000;
const COMMITS = 300;
const DAY = { from: NINE - 600 * MINUTE_MS, to: NINE + 840 * MINUTE_MS };

/** Five hours of commits, one a minute, and a reader whose questions wait for the test. */
function heldReader() {
  const tables = new MemoryFeed(pipelineFeed);
  for (let minute = 0; minute < COMMITS; minute++)
    tables.commit(NINE + minute * MINUTE_MS, [
      eventRow({ eventId: `e-${minute}`, eventTimestamp: NINE, lastUpdatedAt: NINE }),
    ]);
  const held: (() => void)[] = [];
  let asked = 0;
  let isHeld = false;
  let fault: Error | null = null;
  const instants: FeedReader["instants"] = async (range) => {
    asked++;
    if (isHeld) await new Promise<void>((resolve) => held.push(resolve));
    if (fault) throw fault;
    return tables.instants(range);
  };
  return {
    reader: { instants },
    asked: () => asked,
    hold: () => (isHeld = true),
    release: () => {
      isHeld = false;
      for (const resolve of held.splice(0)) resolve();
    },
    fail: (error: Error | null) => (fault = error),
  };
}

const sum = (counts: ReadonlyMap<number, number>) => [...counts.values()].reduce((total, count) => total + count, 0);
const LAST = instantAt(NINE + (COMMITS - 1) * MINUTE_MS);

it("asks for a day at once, counts each commit once, and asks no more for what it knows", async () => {
  const { reader, asked } = heldReader();
  const times = new CommitTimes(reader);
  times.begin(LAST);
  await Promise.all([times.known(DAY), times.known(DAY)]);
  expect([sum(times.counts), asked()]).toEqual([COMMITS, 1]);
  await times.known({ from: NINE, to: NINE + 60 * MINUTE_MS });
  expect(asked()).toBe(1);
});

it.each(["another commit", "the same commit"])(
  "counts each commit once when following begins again at %s amid a question",
  async (at) => {
    const { reader, hold, release } = heldReader();
    const times = new CommitTimes(reader);
    times.begin(at === "the same commit" ? LAST : instantAt(NINE + 100 * MINUTE_MS));
    hold();
    const known = times.known(DAY);
    times.begin(LAST);
    const again = times.known(DAY);
    release();
    await Promise.all([known, again]);
    expect(sum(times.counts)).toBe(COMMITS);
  },
);

it("asks again after a question failed", async () => {
  const { reader, fail } = heldReader();
  const times = new CommitTimes(reader);
  times.begin(LAST);
  fail(new Error("the lake is away"));
  await expect(times.known(DAY)).rejects.toThrow("the lake is away");
  fail(null);
  await times.known(DAY);
  expect(sum(times.counts)).toBe(COMMITS);
});
