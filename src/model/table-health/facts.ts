/**
 * What a look at the tables of a feed has found, as the checks take it. Where an engine cannot tell a fact it says why: a check
 * then says so too, and makes no number up.
 */
import type { Instant } from "../instant";

export type Known<T> = { value: T; unknown?: undefined } | { unknown: string };

/** The state, the log beside it, or the one table of a feed that has no other. */
export type TableRole = "state" | "log" | "table";

export type InstantState = "REQUESTED" | "INFLIGHT" | "COMPLETED";

/** An action of the active timeline. */
export interface InstantFact {
  instant: Instant;
  /** What it is called while it is pending: `compaction` completes as `commit`, `clustering` as `replacecommit`. */
  action: string;
  state: InstantState;
  /** Epoch ms; null while it is pending. */
  completedAt: number | null;
}

/** What a completed commit says of itself. Bytes of a file count whole, however few of its rows are new. */
export interface CommitFact {
  instant: Instant;
  /** Epoch ms, null where the table does not tell. */
  completedAt: number | null;
  action: string;
  operation: string;
  inserted: number;
  updated: number;
  deleted: number;
  files: number;
  bytesWritten: number;
  /** The share of `bytesWritten` that its changed rows have of all rows that it wrote; null where nobody counts those. */
  bytesNew: number | null;
  partitions: number;
  batches: number;
}

/** The files that a reader of the newest commit opens, and those that newer ones superseded. */
export interface FileFacts {
  /** Bytes of each, ascending. */
  sizes: readonly number[];
  partitions: readonly { partition: string; files: number; bytes: number }[];
  superseded: { files: number; bytes: number };
}

export interface CleanFacts {
  /** The newest clean that completed; null when there is none on the timeline. */
  last: { instant: Instant; completedAt: number | null; filesDeleted: number; keptSince: Instant | null } | null;
  /** What the next one would remove; unknown where its writer's settings decide. */
  next: Known<{ files: number; bytes: number; keptSince: Instant | null }>;
}

export interface ArchiveFacts {
  files: number;
  bytes: number;
  /** When its newest file was written, epoch ms. */
  newestAt: number | null;
}

export interface PropertyFacts {
  version: number;
  recordKey: readonly string[];
  partitions: readonly string[];
  ordering: readonly string[];
  all: ReadonlyMap<string, string>;
}

export interface TableFacts {
  role: TableRole;
  name: string;
  /** Weir writes it. */
  isOurs: boolean;
  /** The instant that this is of; null = now. */
  asOf: Instant | null;
  /** The clock when it was looked at, or the time of `asOf`; epoch ms. */
  now: number;
  /** The active timeline, oldest first. */
  instants: Known<readonly InstantFact[]>;
  /** The newest commits, oldest first. */
  commits: Known<readonly CommitFact[]>;
  files: Known<FileFacts>;
  clean: Known<CleanFacts>;
  archive: Known<ArchiveFacts>;
  /** Instants whose writer shows that it lives, and how long ago it last did, ms. */
  heartbeats: Known<readonly { instant: string; ageMs: number }[]>;
  /** Lock files, and how old they are, ms. */
  locks: Known<readonly { name: string; ageMs: number }[]>;
  properties: Known<PropertyFacts>;
}

/** What the tables of a feed are to be judged by. */
export interface FeedFacts {
  feed: string;
  now: number;
  isPast: boolean;
  head: { instant: Instant | null; committedAt: number | null };
  /** What waits to be committed; null where others write the tables, and on pages of the past. */
  staged: { events: number; oldestAt: number | null } | null;
  /** The oldest instant that can still be read. */
  reach: Known<Instant | null>;
  /** How far back the feed promises to be readable, ms; null = as far as the timeline of others goes. */
  promisedReachMs: number | null;
  /** Columns that the feed needs the tables to be kept by. */
  expects: { key: string; ordering: string; partition: string };
  tables: readonly TableFacts[];
}

/** Of what several rows of a table share a key. Costs a look at every key, so it is asked for by somebody. */
export type DuplicateFacts =
  | { kind: "counted"; rows: number; keys: number; examples: readonly { key: string; partitions: readonly string[] }[] }
  | { kind: "not-counted"; why: string };
