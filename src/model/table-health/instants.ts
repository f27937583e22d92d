/** Actions of a table's timeline as people look at them: a line each, and everything that one says of itself. */
import type { Instant } from "../instant";
import type { InstantState, TableRole } from "./facts";

export interface InstantLine {
  instant: Instant;
  /** `commit`, `clean`, `rollback`, …; while it is pending also `compaction`, `clustering`. */
  action: string;
  state: InstantState;
  /** Epoch ms; null while it is pending. */
  completedAt: number | null;
  durationMs: number | null;
  inserted: number;
  updated: number;
  deleted: number;
  files: number;
  bytes: number;
  /** Paths, `event_date=2026-11-21`. */
  partitions: readonly string[];
  /** Staged files that it took. */
  batches: number;
}

/** What a commit did to one file. */
export interface FileChange {
  partition: string;
  fileId: string;
  name: string;
  /** The commit of the file that it replaced; null for a new one. */
  previous: Instant | null;
  bytes: number;
  /** All rows that are in the file. */
  rows: number;
  inserted: number;
  updated: number;
  deleted: number;
}

export interface InstantDetail extends Omit<InstantLine, "files"> {
  table: TableRole;
  tableName: string;
  operation: string | null;
  files: readonly FileChange[];
  /** Names of the staged files that it took. */
  staged: readonly string[];
  /** Number of its writer's lease; null where there was none. */
  fence: number | null;
  /** Versions that the log took. */
  versions: number | null;
  /** File groups that it replaced. */
  replaced: readonly { partition: string; fileIds: readonly string[] }[];
  /** Of a clean: what it deleted. Of a rollback: what it undid. */
  removed: readonly string[];
  /** Of a clean: every state from this commit on can still be read. */
  keptSince: Instant | null;
  /** What else its metadata says, without the schema. */
  extra: readonly (readonly [string, string])[];
  /** What cannot be told here, and why; null where everything was told. */
  unknown: string | null;
}

/** The files that hold a state, for engines that open files by themselves. */
export interface StateFiles {
  table: TableRole;
  /** As an engine on this machine opens them. */
  paths: readonly string[];
}
