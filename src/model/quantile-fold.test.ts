import { expect, it } from "vitest";
import { eventRow, pipelineFeed, NINE } from "../../tests/support/pipeline-feed";
import { EVERYTHING } from "./filter";
import { foldRows } from "./panel-fold";
import { bucketsFor, QuantileFold } from "./quantile-fold";

const duration = pipelineFeed.fields.findIndex(({ name }) => name === "durationMs");

it("tells median and upper end per bucket, and nothing of buckets without a value", () => {
  const chart = { start: NINE, bucketMs: 1_000, buckets: 3 };
  const rows = [5, 1, 3, null].map((durationMs, i) =>
    eventRow({ eventId: `e-${i}`, eventTimestamp: NINE + 2_000 - i, durationMs }),
  );
  const fold = new QuantileFold(pipelineFeed, EVERYTHING, chart, (row) => row[duration] as number | null);
  foldRows(pipelineFeed, rows, [fold]);
  expect(fold.read(0.5)).toEqual([
    { x: NINE + 1_500, y: 1 },
    { x: NINE + 2_500, y: 5 },
  ]);
  expect(fold.read(0.95)[0]).toEqual({ x: NINE + 1_500, y: 3 });
});

it.each([
  [0, 60_000, 60, 1_000, 60],
  [1_500, 60_000, 60, 1_000, 59],
  [0, 86_400_000, 120, 900_000, 96],
  [0, 90 * 86_400_000, 100, 86_400_000, 90],
  [0, 4_000 * 86_400_000, 100, 40 * 86_400_000, 100],
  [5, 5, 10, 1_000, 1],
])("cuts %d to %d into at most %d whole buckets of the clock", (from, to, most, bucketMs, buckets) => {
  expect(bucketsFor(from, to, most)).toMatchObject({ bucketMs, buckets });
});
