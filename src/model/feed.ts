/**
 * A feed: one kind of event. Its Avro schema is the only declaration; everything that the other stages need to know of it
 * (key, order, partitions, columns, what to show) is derived here, once, from the `weir` attribute beside the fields.
 */
import { compareLongs, compareText, type Row, type WireValue } from "./value";

export type FieldType =
  | { kind: "string" }
  | { kind: "enum"; symbols: readonly string[] }
  | { kind: "boolean" }
  | { kind: "int" }
  | { kind: "long" }
  | { kind: "float" }
  | { kind: "double" }
  | { kind: "timestamp"; unit: "millis" | "micros" }
  | { kind: "date" }
  | { kind: "decimal"; precision: number; scale: number }
  | { kind: "bytes" }
  | { kind: "array"; items: FieldType; itemsNullable: boolean }
  | { kind: "map"; values: FieldType; valuesNullable: boolean }
  | { kind: "record"; fields: readonly Field[] };

export interface Field {
  name: string;
  type: FieldType;
  nullable: boolean;
  /** Wire value used when a publisher leaves the field out; undefined = the field is required. */
  default: WireValue | undefined;
  doc: string | null;
}

export interface DisplayColumn {
  /** Index into `Feed.fields`. */
  index: number;
  label: string;
}

/** Partition granularity; the column is `event_date=2026-11-21` or `event_hour=2026-11-21-09`, UTC. */
export type Granularity = "day" | "hour";

/** Events are refused further ahead of the clock, so no version is committed earlier than this before its times. */
export const MAX_AHEAD_MS = 24 * 3_600_000;

export interface Feed {
  /** Name in URLs, folders and SQL: `[a-z][a-z0-9_]{0,62}`. */
  name: string;
  title: string;
  /** The Avro schema as declared, `weir` attribute included. */
  schema: unknown;
  /** Short hash of the fields, in hex: changes when what a row holds changes. */
  schemaId: string;
  fields: readonly Field[];
  /** Indexes into `fields`. */
  key: number;
  ordering: number;
  eventTime: number;
  /** Status rank: breaks ties between versions of equal ordering value. Null = no rank. */
  rank: { field: number; of: ReadonlyMap<string, number> } | null;
  granularity: Granularity;
  /** Name of the partition column of the state table. */
  partitionColumn: "event_date" | "event_hour";
  writeMode: "upsert" | "append";
  /**
   * Into how many buckets each partition of the state table is cut, by Hudi's bucket index, for the sake of another writer that
   * uses it; null = its files follow the arrival of keys.
   */
  buckets: number | null;
  /** How long the log keeps versions, in ms of commit time; null = no log (append feeds, or history "none"). */
  historyMs: number | null;
  /** How long rows of the state are kept, in ms of event time; null = for ever. */
  retentionMs: number | null;
  /** Index of the field that the page counts and colours by, or null. */
  status: number | null;
  /** Name of the feed that this one is computed from, by Weir itself; null = publishers make its events. */
  derivedFrom: string | null;
  columns: readonly DisplayColumn[];
}

export const fieldIndex = (feed: Feed, name: string): number => feed.fields.findIndex((field) => field.name === name);

export const keyOf = (feed: Feed, row: Row): string => row[feed.key] as string;

export const eventTimeOf = (feed: Feed, row: Row): number => row[feed.eventTime] as number;

/** Rank of a row's status among versions of equal ordering value; unknown symbols and feeds without rank are -1. */
export const rankOf = (feed: Feed, row: Row): number =>
  feed.rank === null ? -1 : (feed.rank.of.get(row[feed.rank.field] as string) ?? -1);

/**
 * Order of two versions of one key by (ordering value, status rank): positive when `a` is the newer one. Zero leaves the
 * decision to arrival: the later one wins (design §3).
 */
export const compareVersions = (feed: Feed, a: Row, b: Row): number =>
  compareLongs(a[feed.ordering]!, b[feed.ordering]!) || rankOf(feed, a) - rankOf(feed, b);

/** Order of rows on pages and in answers: event time descending, key ascending. */
export const compareRows = (feed: Feed, a: Row, b: Row): number =>
  eventTimeOf(feed, b) - eventTimeOf(feed, a) || compareText(keyOf(feed, a), keyOf(feed, b));

/** Partition value of an event time, UTC: `2026-11-21` or `2026-11-21-09`. */
export function partitionValue(granularity: Granularity, eventTimeMs: number): string {
  const iso = new Date(eventTimeMs).toISOString();
  return granularity === "day" ? iso.slice(0, 10) : `${iso.slice(0, 10)}-${iso.slice(11, 13)}`;
}

/** Hudi partition path of a row in the state table: `event_date=2026-11-21`. */
export const partitionPathOf = (feed: Feed, row: Row): string =>
  `${feed.partitionColumn}=${partitionValue(feed.granularity, eventTimeOf(feed, row))}`;

/** A row as the object of the API: schema fields in order. */
export const rowToObject = (feed: Feed, row: Row): Record<string, WireValue> =>
  Object.fromEntries(feed.fields.map((field, i) => [field.name, row[i] ?? null]));
