/**
 * What every engine answers about one feed. Callers: live (tail, views), routes (rows, changes, timeline, history).
 *
 * Promises, the same on every engine (one contract suite, tests/contract):
 * - Every answer is of one completed position and names it. The same question about the same position has the same answer,
 *   row for row, for as long as the position can be read; one that cannot any more is `gone` with the oldest that can,
 *   never something else in silence.
 * - Only whole commits are seen.
 * - Rows carry wire values in the order of the feed's fields (`model/value.ts`).
 */
import type { Run } from "../model/batch";
import type { Delta, StatusCounts } from "../model/delta";
import type { Filter } from "../model/filter";
import type { Instant } from "../model/instant";
import type { RunTally } from "../model/pipeline";
import type { Position } from "../model/position";
import type { Row } from "../model/value";

export interface Head {
  position: Position;
  /** Null before the first commit. */
  instant: Instant | null;
  /** Epoch ms at which the commit completed; null before the first. */
  committedAt: number | null;
}

/** A place among ordered rows: the last row of the previous page. */
export interface RowCursor {
  eventTime: number;
  key: string;
}

export interface SnapshotQuery {
  /** A position that `resolve` or `head` gave. */
  at: Position;
  filter: Filter;
  /** At most this many rows, newest event time first, then key ascending. */
  limit: number;
  after?: RowCursor;
  /** Indexes of the fields that are wanted: the others are null in the answer of `snapshot`, whatever they are. Absent = all. */
  fields?: readonly number[];
}

export interface OutlineQuery {
  at: Position;
  /** Only the newest so many rows of the state are looked at: the window. */
  within: number;
  /** So many of them are wanted whole. */
  newest: number;
  /** Rows with event times from here on are counted apart too, epoch ms. */
  since: number;
  /** So many of the newest runs of each pipeline are wanted; absent = no runs. */
  runs?: number;
}

/** The runs of a window, as what is told of its pipelines follows from them. */
export interface OutlinedRuns {
  /** In no order. At least the newest of each pipeline, as many as were asked for, and the newest that ended. */
  newest: { pipelineName: string; run: Run }[];
  /** What those of a pipeline come to that are neither among `newest` nor told by `undecided`; none, no entry. */
  others: { pipelineName: string; tally: RunTally }[];
  /** All rows of the runs that are left to the fold; fields that do not matter to it are null. */
  undecided: Row[];
}

/** What the first look at a window needs of it. */
export interface Outline {
  kind: "outline";
  position: Position;
  newest: Row[];
  /** Null for a feed without a status field. */
  counts: StatusCounts | null;
  /**
   * Rows of the window from which the same problems follow as from all of them, in any order; fields that do not matter to
   * that are null. Empty for a feed whose events are no attempts.
   */
  deciding: Row[];
  /** Null unless they were asked for, and for a feed whose events are no attempts. */
  runs: OutlinedRuns | null;
}

export interface CountQuery {
  at: Position;
  filter: Filter;
  /** Only the newest so many rows of the state are looked at. */
  within: number;
}

/** A row with what Hudi adds to it: `_hoodie_*` in their order, then the partition column. */
export interface MetaRow {
  row: Row;
  /** commit time, commit seqno, record key, partition path, file name, value of the partition column. */
  meta: readonly [string, string, string, string, string, string];
}

/** An outcome that callers must branch on: what was asked for is no longer kept. */
export interface Gone {
  kind: "gone";
  /** The oldest position and instant that can still be read, null if nothing can. */
  oldest: Position | null;
  oldestInstant: Instant | null;
}

export type Resolved = ({ kind: "head" } & Head) | Gone;

/**
 * `delta`: everything in (from, to]. `reset`: the position is of another epoch, or lies after the head. `too-many`: more rows
 * than the caller can use.
 */
export type Changes =
  ({ kind: "delta" } & Delta) | Gone | { kind: "reset"; reason: "epoch" | "bad-since" } | { kind: "too-many" };

export interface Version {
  /** When it was committed. */
  instant: Instant;
  row: Row;
}

export interface TimelineEntry {
  instant: Instant;
  /** Null unless a completed commit changed data here. */
  position: Position | null;
  completedAt: number | null;
  action: "commit" | "replacecommit" | "clean" | "rollback" | "savepoint" | "restore";
  state: "REQUESTED" | "INFLIGHT" | "COMPLETED";
  inserted: number;
  updated: number;
  deleted: number;
  filesWritten: number;
  bytesWritten: number;
  partitions: readonly string[];
  durationMs: number | null;
  /** Staged files that the commit took. */
  batches: number;
}

export interface Statistics {
  rows: number;
  /** Rows per value of the feed's status field; empty when it has none. */
  byStatus: Readonly<Record<string, number>>;
  newestEventAt: number | null;
}

/** An instant whose hot window is kept for ever, whatever retention removes. */
export interface Pin {
  instant: Instant;
  committedAt: number | null;
  /** When it was pinned, epoch ms. */
  pinnedAt: number;
  note: string;
  rows: number;
}

/** What an engine may offer beside reading: then `resolve` and `snapshot` answer for pinned instants beyond the reach too. */
export interface FeedPins {
  /** Newest instant first, of those that this process knows. */
  pins(): readonly Pin[];
  /** Finds what other processes have pinned and unpinned. */
  refreshPins(): Promise<void>;
  /** Keeps the newest `limit` rows of a position; pinning it again changes the note. @throws AppError gone, disk-full */
  pin(at: Head & { instant: Instant }, note: string, pinnedAt: number, limit: number): Promise<Pin>;
  /** @throws AppError not-found */
  unpin(instant: Instant): Promise<void>;
}

/** What an engine may offer beside reading: a look at a window without fetching all of its rows. */
export interface FeedOutlines {
  outline(query: OutlineQuery): Promise<Outline | Gone>;
}

export interface FeedReader {
  /** Short hash of the table's identity, restores and breaking schema changes. */
  readonly epoch: string;
  head(): Promise<Head>;
  /** The newest commit at or before a time (epoch ms), or the commit of exactly this instant or position. */
  resolve(at: { time: number } | { instant: Instant } | { position: Position }): Promise<Resolved>;
  /** The instants of completed commits in `(after, until]`, oldest first, at most `limit`. */
  instants(range: { after: Instant | null; until: Instant; limit: number }): Promise<Instant[]>;
  snapshot(query: SnapshotQuery): Promise<{ kind: "rows"; position: Position; rows: Row[] } | Gone>;
  /** How many of the newest rows match a filter. */
  count(query: CountQuery): Promise<{ kind: "count"; position: Position; count: number } | Gone>;
  /** The same as `snapshot` with Hudi's columns. */
  snapshotWithMeta(query: SnapshotQuery): Promise<{ kind: "rows"; position: Position; rows: MetaRow[] } | Gone>;
  /** The same as `snapshot` in bounded pieces for very large answers. The signal ends the scan. */
  scan(query: SnapshotQuery, signal: AbortSignal): AsyncIterable<Row[]>;
  /** Everything in `(since, until]`; `until` absent = head. More than `most` rows are not even read. */
  changes(since: Position, until?: Position, most?: number): Promise<Changes>;
  /** Instants of the state table, newest first, beginning after (older than) `after`. */
  timeline(query: { limit: number; after?: Instant }): Promise<{ entries: TimelineEntry[]; next: Instant | null }>;
  /** All versions of one key as far as the log reaches, in the order (ordering value, rank, arrival). */
  history(key: string): Promise<Version[]>;
  statistics(): Promise<Statistics>;
  /** The oldest instant that `resolve` answers; null before the first commit. */
  reach(): Promise<Instant | null>;
}
