import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Row, WireValue } from "~/model/value";
import { feedFromSchema } from "~/model/feed-from-schema";
import { foldBatch, moveRows, type BatchEvents } from "./batch-events";

const feed = feedFromSchema(JSON.parse(readFileSync("avro/PipelineEvent.avsc", "utf8")), () => "hash");
const T = Date.parse("2026-11-21T10:00:00Z");

function row(eventId: string, more: Record<string, WireValue> = {}): Row {
  const base = { eventId, correlationId: "b", pipelineName: "orders", stageName: "load", status: "STARTED" };
  const values: Record<string, WireValue> = { ...base, eventTimestamp: T, lastUpdatedAt: T, ...more };
  return feed.fields.map(({ name }) => values[name] ?? null);
}

const events = (rows: readonly Row[]): BatchEvents => ({
  feed: feed.name,
  schemaId: feed.schemaId,
  fields: feed.fields.map(({ name, type, nullable }) => ({ name, type, nullable })),
  key: feed.key,
  ordering: feed.ordering,
  eventTime: feed.eventTime,
  rank: { field: feed.rank!.field, order: [...feed.rank!.of.keys()] },
  position: "e.0",
  correlationId: "b",
  rows,
});

describe("the batch of a page", () => {
  it("folds events to attempts as the server does, from plain values", () => {
    const { attempts, summary } = foldBatch(
      events([
        row("1"),
        row("2", { status: "COMPLETED", lastUpdatedAt: T + 5_000, processedRecordCount: 7 }),
        row("3", { stageName: "publish", status: "FAILED", lastUpdatedAt: T + 9_000, errorMessage: "no" }),
      ]),
    );
    expect(attempts.map(({ stageName, status, rowsOut }) => [stageName, status, rowsOut])).toEqual([
      ["load", "COMPLETED", 7],
      ["publish", "FAILED", null],
    ]);
    expect(summary).toMatchObject({ state: "failed", attempts: 2, failed: 1, endedAt: T + 9_000 });
  });

  it("takes in changed rows of the batch and leaves others alone", () => {
    const known = events([row("1")]);
    expect(moveRows(known, { up: [row("9", { correlationId: "other" })], del: ["8"] })).toBeNull();
    const moved = moveRows(known, { up: [row("1", { status: "COMPLETED" }), row("2")], del: [] });
    expect(moved!.map(([id]) => id)).toEqual(["1", "2"]);
    expect(moveRows(known, { up: [row("1", { correlationId: "other" })], del: [] })).toEqual([]);
  });
});
