import { expect, test } from "vitest";
import { openTestLake, pipelineEvents, rowOf, stagedFile, T0 } from "../../../tests/support/lake";
import { seededRandom } from "../../../tests/support/random";
import { fieldIndex } from "../../model/feed";
import { EVERYTHING, type Filter } from "../../model/filter";
import type { Row } from "../../model/value";
import type { RowCursor } from "../reader";
import { PinFiles } from "../pins/pin-files";
import { EmbeddedReader } from "./reader";

const MINUTE_MS = 60_000;
const EVENTS = 60;

test("a scan in pieces gives the rows of the snapshot, whichever rows of one moment a piece ends between", async () => {
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
      eventTimestamp: T0 - random.pick([0, 1, 2, 900]) * MINUTE_MS,
      lastUpdatedAt: T0 + n,
    });
  for (let n = 0; n < EVENTS; n += 20) {
    const rows = Array.from({ length: 20 }, (_, i) => event(n + i));
    await writer.commit([stagedFile(`file-${n}`, rows)]);
  }
  const pins = await PinFiles.open(storage, `lake/${feed.name}_pins`, () => undefined);
  const reader = new EmbeddedReader({ feed, engine, main, log, pins, pieceRows: 7 });
  const { position: at } = await reader.head();

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
        expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThanOrEqual(7);
      }
    }
  }
});
