import { pino } from "pino";
import { Registry } from "prom-client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { MemoryFeed } from "../../tests/support/memory-feed";
import { eventRow, NINE, pipelineFeed } from "../../tests/support/pipeline-feed";
import { seededRandom } from "../../tests/support/random";
import { systemClock } from "../clock";
import type { Head, RowCursor } from "../lake/reader";
import { fieldIndex } from "../model/feed";
import { EVERYTHING, type Filter } from "../model/filter";
import type { Row } from "../model/value";
import { Live, type Overview } from "./live";
import type { ViewPage } from "./row-pages";

const FEED = "pipeline_events";
const TOPIC = `feeds/${FEED}` as const;
const COMMITS = 30;
const field = (name: string) => fieldIndex(pipelineFeed, name);

const FILTERS: readonly Filter[] = [
  EVERYTHING,
  { ...EVERYTHING, from: NINE - 20 * 60_000 },
  { ...EVERYTHING, columns: [{ field: field("status"), negated: false, values: ["FAILED"] }] },
  { ...EVERYTHING, text: "disk" },
];

describe("a page of a past position", () => {
  let live: Live;
  let tables: MemoryFeed;
  const heads: Head[] = [];
  const shown: { overview: Overview; pages: ViewPage[]; newest: readonly Row[] }[] = [];

  const look = async (at: Head | null) => {
    const pages: ViewPage[] = [];
    for (const filter of FILTERS) {
      let after: RowCursor | null = null;
      do {
        const page: ViewPage = await live.page(TOPIC, { filter, limit: 12, at, ...(after && { after }) });
        pages.push(page);
        after = page.next;
      } while (after);
    }
    const { rows: newest } = await live.newest(FEED, 20, at);
    return { overview: await live.overview(FEED, 7, at), pages, newest };
  };

  beforeEach(async () => {
    tables = new MemoryFeed(pipelineFeed);
    live = await Live.open({
      feeds: [pipelineFeed],
      readerOf: () => tables,
      hotRows: 40,
      clock: systemClock,
      log: pino({ level: "silent" }),
      metrics: new Registry(),
    });
    const random = seededRandom(5);
    heads.length = shown.length = 0;
    for (let second = 0; second < COMMITS; second++) {
      const rows = Array.from({ length: 4 }, () => someRow(random, second));
      const done = tables.commit(NINE + second * 1_000, [...new Map(rows.map((row) => [row[0], row])).values()]);
      live.committed(FEED, done);
      await expect.poll(async () => (await live.picture(FEED, null)).position).toBe(done.to);
      heads.push(await tables.head());
      shown.push(await look(null));
    }
  });
  afterEach(() => live.close());

  it("shows what the page showed when that position was the present (invariant 5)", async () => {
    for (const [i, head] of heads.entries()) expect(await look(head), head.instant!).toEqual(shown[i]);
  });

  it("keeps the part of a position that was asked for, and answers it again without the lake", async () => {
    const asked = { filter: FILTERS[2]!, limit: 10, at: heads[3]! };
    const first = await live.pictureOf(FEED, asked);
    expect(first.rows.length).toBeGreaterThan(0);
    expect(first.rows.every((row) => row[field("status")] === "FAILED")).toBe(true);
    const snapshots = vi.spyOn(tables, "snapshot");
    expect(await live.pictureOf(FEED, { ...asked })).toBe(first);
    expect(snapshots).not.toHaveBeenCalled();
    expect((await live.pictureOf(FEED, { ...asked, limit: 1 })).rows).toEqual(first.rows.slice(0, 1));
  });

  it("reads the lake once for everybody who asks for one position at the same time", async () => {
    const head = heads[3]!;
    const snapshots = vi.spyOn(tables, "snapshot");
    await Promise.all(Array.from({ length: 5 }, () => live.overview(FEED, 7, head)));
    const alone = snapshots.mock.calls.length;
    snapshots.mockClear();
    await live.overview(FEED, 7, heads[4]!);
    expect(alone).toBe(snapshots.mock.calls.length);
  });

  it("shows the problems and counts of the whole picture of that position", async () => {
    for (const head of heads.slice(0, -1)) {
      const { rows, counts, derived } = await live.picture(FEED, head);
      const overview = await live.overview(FEED, 1, head);
      expect(overview).toMatchObject({ rows: rows.slice(0, 1), counts });
      expect(overview.problems).toEqual(derived!.rows("problems"));
      expect((await live.read("views/problems", head)).rows).toEqual(overview.problems);
    }
  });
});

function someRow(random: ReturnType<typeof seededRandom>, second: number): Row {
  const key = random.int(0, 80);
  const status = random.pick(["STARTED", "RUNNING", "RETRYING", "FAILED", "COMPLETED"]);
  return eventRow({
    eventId: `e-${key}`,
    correlationId: `batch-${key % 9}`,
    pipelineName: random.pick(["orders", "stock"]),
    stageName: random.pick(["read", "load"]),
    status,
    attempt: random.int(0, 1),
    eventTimestamp: NINE - key * 60_000,
    lastUpdatedAt: NINE + second * 1_000 + random.int(0, 900),
    errorMessage: status === "FAILED" ? random.pick(["disk full", "timeout after 3 s", "timeout after 40 s"]) : null,
  });
}
