/**
 * What every engine does to one feed's tables. The only caller is the committer (src/ingest), one per feed.
 *
 * Promises, the same on every engine (one contract suite, tests/contract):
 * - A commit is whole or absent for every reader, whatever happens in between; after a crash, `recover` finishes or rolls
 *   back what was begun, before anything else is written.
 * - The log takes each version once (messages equal in every field are one version); replays change nothing. The state
 *   takes only versions that the log took, and holds for each (partition, key) the greatest (ordering value, rank, arrival).
 * - Instants only grow, whatever the clock does.
 * - When `commit` returns, the tables are durable: the staged files may be deleted.
 */
import type { Delta } from "../model/delta";
import type { Instant } from "../model/instant";
import type { Row } from "../model/value";

/** An Avro container file in the staging area. */
export interface StagedFile {
  /** Unique for ever; ends up in the commit's extra metadata, so that a replay after a crash is recognised. */
  name: string;
  path: string;
  /** The decoded rows in arrival order. Engines that read the file by themselves never call it. */
  rows(): Promise<readonly Row[]>;
}

export interface Commit extends Delta {
  instant: Instant;
  committedAt: number;
  /** Versions that the log took. */
  versions: number;
  /** Messages that the log had already. */
  duplicates: number;
  /** Partition values of the state table that changed (`2026-11-21`). */
  partitions: readonly string[];
  durationMs: number;
}

export interface Recovery {
  /** Names of staged files that completed commits took: they may be deleted. */
  committed: ReadonlySet<string>;
  /** Instants that were begun and are now gone. */
  rolledBack: readonly Instant[];
  /** Instants whose log commit was complete and whose state commit has now been made. */
  finished: readonly Instant[];
}

/** How often an engine is to be given something to commit while there is always something. */
export interface CommitRhythm {
  /** Least time between the starts of two commits, ms. */
  gapMs: number;
  /** True where commits take this machine's processors: it then rests as long as each commit took, or less when events wait. */
  rests: boolean;
}

/**
 * The right to write a feed's tables while several processes share them, from one taking of its lease to the end of it.
 * Commits carry its number: whoever finds a greater one in the tables is no longer their writer.
 */
export interface WriteTerm {
  readonly fence: number;
  /** @throws AppError engine-unavailable unless the lease lasts for another `neededMs` at least */
  assertHeld(neededMs: number): void;
}

/** The present term. @throws AppError engine-unavailable while another process may be the writer */
export type OpenTerm = () => WriteTerm;

export interface FeedWriter {
  readonly rhythm: CommitRhythm;
  /** Called once, before the first commit. */
  recover(): Promise<Recovery>;
  /**
   * Reads ahead what the first commit needs of the tables. It never rejects: a commit that comes before it, or after it failed,
   * reads that itself.
   */
  prepare(): Promise<void>;
  /** Lands the files in this order under one instant. Null when the log had every message already (nothing was written). */
  commit(files: readonly StagedFile[]): Promise<Commit | null>;
  /**
   * Cleans, archives and enforces retention, in bounded steps; cheap when there is nothing to do. Gives the commits by which
   * rows left for their age, to be announced like others (one that is too large to be told is not among them).
   */
  maintain(): Promise<readonly Commit[]>;
}
