import { expect, test } from "vitest";
import { openTestLake, pipelineEvents, rowOf, stagedFile, T0 } from "../../../tests/support/lake";
import { seededRandom } from "../../../tests/support/random";
import { eventTimeOf, fieldIndex } from "../../model/feed";
import { EVERYTHING, type Filter } from "../../model/filter";
import type { Row } from "../../model/value";
import type { RowCursor } from "../reader";
import { PinFiles } from "./pin-files";
import { EmbeddedReader } from "./reader";

const MINUTE_MS = 60_000;
const EVENTS = 60;

/** Minutes before T0 at which the events happened. */
const MOMENTS = {
  "many of one moment": [0, 1, 2, 900],
  "some of one moment": Array.from({ length: 40 }, (_, i) => i),
  "none of one moment": null,
};

/** A reader of a table with events of these moments, in pieces of 7. */
async function scanned(moments: readonly number[] | null, readAhead = 1) {
  const feed = await pipelineEvents();
  const { engine, main, log, writer, storage } = await openTestLake({ feed });
  const random = seededRandom(11);
  const event = (n: number): Row =>
    rowOf(feed, {
      eventId: `e-${n}`,
      correlationId: "batch-1",
      pipelineName: "orders",
      stageName: "load",
      status: random.pick(["FAILED", "COMPLETED"]),
      eventTimestamp: T0 - (moments === null ? n : random.pick(moments)) * MINUTE_MS,
      lastUpdatedAt: T0 + n,
    });
  for (let n = 0; n < EVENTS; n += 20) {
    const rows = Array.from({ length: 20 }, (_, i) => event(n + i));
    await writer.commit([stagedFile(`file-${n}`, rows)]);
  }
  const pins = await PinFiles.open(storage, `lake/${feed.name}_pins`, () => undefined);
  const reader = new EmbeddedReader({ feed, engine, main, log, pins, pieceRows: 7, readAhead });
  const { position: at } = await reader.head();
  const beforeTheLastMoment = (piece: readonly Row[]) =>
    piece.filter((row) => eventTimeOf(feed, row) > eventTimeOf(feed, piece.at(-1)!)).length;
  return { feed, reader, at, beforeTheLastMoment };
}

test.each(Object.entries(MOMENTS))("a scan in pieces gives the rows of the snapshot: %s", async (_, moments) => {
  const { feed, reader, at, beforeTheLastMoment } = await scanned(moments, moments === null ? 0 : 1);
  const failed = { field: fieldIndex(feed, "status"), negated: false, values: ["FAILED"] };
  const filters: Filter[] = [EVERYTHING, { ...EVERYTHING, from: T0 - MINUTE_MS }, { ...EVERYTHING, columns: [failed] }];
  const afters: (RowCursor | undefined)[] = [undefined, { eventTime: T0 - MINUTE_MS, key: "e-3" }];
  for (const filter of filters) {
    for (const after of afters) {
      for (const limit of [1, 7, 8, 14, 30, EVENTS, 1_000]) {
        const query = { at, filter, limit, ...(after && { after }) };
        const pieces: Row[][] = [];
        for await (const piece of reader.scan(query, new AbortController().signal)) pieces.push(piece);
        const answer = await reader.snapshot(query);
        expect(pieces.flat(), JSON.stringify(query)).toEqual(answer.kind === "rows" ? answer.rows : null);
        for (const piece of pieces) expect(beforeTheLastMoment(piece)).toBeLessThan(7);
        // Where a moment has more rows than a piece, pieces end within it.
        if (moments?.length === 4 && filter === EVERYTHING && !after && limit === EVENTS)
          expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThanOrEqual(7);
      }
    }
  }
});

test("a scan that is left in the middle ends what was read ahead, and the next one gives everything", async () => {
  const { reader, at } = await scanned(null);
  const query = { at, filter: EVERYTHING, limit: EVENTS };
  for await (const piece of reader.scan(query, new AbortController().signal)) {
    expect(piece).toHaveLength(7);
    break;
  }
  const pieces: Row[][] = [];
  for await (const piece of reader.scan(query, new AbortController().signal)) pieces.push(piece);
  expect(pieces.flat()).toHaveLength(EVENTS);
});

test("a scan whose reader has gone ends at the next piece", async () => {
  const { reader, at } = await scanned(null);
  const leaving = new AbortController();
  const pieces = reader.scan({ at, filter: EVERYTHING, limit: EVENTS }, leaving.signal)[Symbol.asyncIterator]();
  expect((await pieces.next()).done).toBe(false);
  leaving.abort(new Error("the reader has gone"));
  await expect(pieces.next()).rejects.toThrow("the reader has gone");
});
