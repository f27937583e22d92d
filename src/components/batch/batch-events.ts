/** The events of one batch as they travel with its page, and the fold that turns them into attempts, here and in the browser. */
import { attemptFields, attemptKeyOf, attemptOf, type Attempt } from "~/model/attempt";
import { summariseBatch, type BatchSummary } from "~/model/batch";
import type { Feed, FieldType } from "~/model/feed";
import type { Position } from "~/model/position";
import type { Row } from "~/model/value";

export interface BatchEvents {
  feed: string;
  schemaId: string;
  fields: readonly { name: string; type: FieldType; nullable: boolean }[];
  key: number;
  ordering: number;
  eventTime: number;
  /** Index of the field that ranks versions of equal order, and its words from low to high. */
  rank: { field: number; order: readonly string[] } | null;
  position: Position;
  correlationId: string;
  rows: readonly Row[];
}

export interface FoldedBatch {
  summary: BatchSummary;
  attempts: readonly Attempt[];
  /** Index of the field that leads to the logs; -1 = none. */
  urlField: number;
}

/** @param events at least one row */
export function foldBatch(events: BatchEvents): FoldedBatch {
  const fields = attemptFields(feedOf(events))!;
  const rowsOf = new Map<string, Row[]>();
  for (const row of events.rows) {
    const key = attemptKeyOf(fields, row);
    const own = rowsOf.get(key);
    if (own) own.push(row);
    else rowsOf.set(key, [row]);
  }
  const attempts = [...rowsOf.values()].map((rows) => attemptOf(fields, rows));
  const urlField = events.fields.findIndex(({ name, type }) => name === "url" && type.kind === "string");
  return { summary: summariseBatch(events.correlationId, attempts).batch, attempts, urlField };
}

/** The rows after a delta of the feed: those of the batch that changed, without those that left. */
export function moveRows(
  events: BatchEvents,
  { up, del }: { up: readonly Row[]; del: readonly string[] },
): readonly Row[] | null {
  const field = events.fields.findIndex(({ name }) => name === "correlationId");
  const byKey = new Map(events.rows.map((row) => [row[events.key] as string, row]));
  let isChanged = false;
  for (const key of del) isChanged = byKey.delete(key) || isChanged;
  for (const row of up) {
    const key = row[events.key] as string;
    if (row[field] === events.correlationId) byKey.set(key, row);
    else if (!byKey.delete(key)) continue;
    isChanged = true;
  }
  return isChanged ? [...byKey.values()] : null;
}

/** The words of a feed as far as folding asks for them. */
function feedOf({ feed, schemaId, fields, key, ordering, eventTime, rank }: BatchEvents): Feed {
  return {
    name: feed,
    title: feed,
    schema: null,
    schemaId,
    fields: fields.map((field) => ({ ...field, default: undefined, doc: null })),
    key,
    ordering,
    eventTime,
    rank: rank && { field: rank.field, of: new Map(rank.order.map((word, i) => [word, i])) },
    granularity: "day",
    partitionColumn: "event_date",
    writeMode: "upsert",
    buckets: null,
    historyMs: null,
    retentionMs: null,
    status: null,
    derivedFrom: null,
    columns: [],
  };
}
