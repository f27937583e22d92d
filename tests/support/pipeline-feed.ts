/** The feed of `avro/PipelineEvent.avsc` and rows of it. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { feedFromSchema } from "~/model/feed-from-schema";
import type { Feed } from "~/model/feed";
import type { Row, WireValue } from "~/model/value";

const schema: unknown = JSON.parse(readFileSync(new URL("../../avro/PipelineEvent.avsc", import.meta.url), "utf8"));

const idOf = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 8);

export const pipelineFeed: Feed = feedFromSchema(schema, idOf);

/** A later version of a feed. */
export function plusFields(feed: Feed, ...fields: unknown[]): Feed {
  const before = feed.schema as { fields: unknown[] };
  return feedFromSchema({ ...before, fields: [...before.fields, ...fields] }, idOf);
}

/** 2026-11-21T09:00:00Z */
export const NINE = Date.UTC(2026, 10, 21, 9);

/** A row of the feed; what is not given has a plain value or null. */
export function eventRow(values: Record<string, WireValue>): Row {
  const given: Record<string, WireValue> = {
    eventId: "e-1",
    correlationId: "batch-1",
    pipelineName: "orders",
    stageName: "load",
    status: "COMPLETED",
    eventTimestamp: NINE,
    ...values,
  };
  given["lastUpdatedAt"] ??= given["eventTimestamp"]!;
  return pipelineFeed.fields.map(({ name }) => given[name] ?? null);
}
