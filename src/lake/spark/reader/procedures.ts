/**
 * What Hudi's procedures tell about a table. They run no Spark job: 13 ms for the newest commit, 15 to 20 ms for what one
 * commit says of itself. Procedures name their columns in an order that is fixed per release; rows are read by position.
 */
import { isInstant, timeOf, type Instant } from "../../../model/instant";
import { countLiteral, quotedLiteral } from "../sql/literals";
import { identifier, sql, type Sql } from "../sql/sql";
import type { SparkRow } from "../thrift/columns";
import type { SparkQueries, SparkTableName } from "./feed-source";

export interface CommitLine {
  instant: Instant;
  action: string;
  /** Epoch ms at which the file of the completed commit was made; null where Hudi does not tell. */
  completedAt: number | null;
  /** Files that it wrote: 0 for one that took no row. */
  files: number;
}

/** What a commit says of itself. */
export interface CommitNotes {
  /** Ties the commits of one batch in log and state; a commit without it stands for its own instant. */
  batchId: string;
  /** Epoch ms by the clock of the committer, or null. */
  committedAt: number | null;
  /** Staged files that it took. */
  batches: number;
}

export interface TimelineLine {
  instant: Instant;
  action: string;
  state: string;
  completedAt: number | null;
}

/** What a commit did to one file. */
export interface FileChange {
  instant: Instant;
  partition: string;
  inserted: number;
  updated: number;
  deleted: number;
  bytes: number;
}

/** More than a timeline holds: they are archived. */
const EVERY = 100_000;
const NO_FILES: FileChange[] = [];

/** Completed commits of the active timeline, newest first. */
export async function newestCommits(spark: SparkQueries, table: SparkTableName, limit = EVERY): Promise<CommitLine[]> {
  const { rows } = await spark.query(
    sql`CALL show_commits(table => ${quotedLiteral(table.path)}, limit => ${countLiteral(limit)})`,
  );
  return rows
    .map(([instant, completed, action, , added, updated]) => ({
      instant: String(instant),
      action: String(action),
      completedAt: timeOrNull(completed),
      files: Number(added) + Number(updated),
    }))
    .sort(newestFirst);
}

/** Null for a commit that is not on the active timeline any more. */
export async function commitNotes(
  spark: SparkQueries,
  table: SparkTableName,
  instant: Instant,
): Promise<CommitNotes | null> {
  const { rows } = await spark.query(
    sql`CALL show_commit_extra_metadata(table => ${quotedLiteral(table.path)}, instant_time => ${quotedLiteral(instant)}, limit => ${countLiteral(EVERY)})`,
  );
  if (rows.length === 0) return null;
  const notes = new Map(rows.map(([, , key, value]) => [String(key), String(value)]));
  const committedAt = Number(notes.get("weir_committed_at") ?? NaN);
  const staged = notes.get("weir_staged") ?? "";
  return {
    batchId: notes.get("weir_batch_id") ?? instant,
    committedAt: Number.isSafeInteger(committedAt) ? committedAt : null,
    batches: staged === "" ? 0 : staged.split(",").length,
  };
}

/** The newest clean, begun or done: its instant, and the oldest commit whose files it keeps. */
export async function newestClean(
  spark: SparkQueries,
  table: SparkTableName,
): Promise<{ instant: Instant; keptSince: Instant } | null> {
  const { rows } = await spark.query(
    sql`CALL show_clean_plans(table => ${quotedLiteral(table.path)}, limit => ${countLiteral(1)})`,
  );
  const [plan] = rows;
  if (plan === undefined) return null;
  const keptSince = String(plan[3] ?? "");
  // A plan that does not say what it keeps may take everything but the newest slices.
  return { instant: String(plan[0]), keptSince: isInstant(keptSince) ? keptSince : "9" };
}

/** Every action of the active timeline, newest first. */
export async function wholeTimeline(spark: SparkQueries, table: SparkTableName): Promise<TimelineLine[]> {
  const { rows } = await spark.query(
    sql`SELECT ${identifier("Timestamp")}, ${identifier("Action")}, ${identifier("State")}, ${identifier("Completion_Time")}
      FROM hudi_query_timeline(${quotedLiteral(table.path)}, 'false')`,
    { maxRows: EVERY },
  );
  return rows
    .map(([instant, action, state, completed]) => ({
      instant: String(instant),
      action: String(action),
      state: String(state),
      completedAt: timeOrNull(completed),
    }))
    .sort(newestFirst);
}

/** What the commits of the active timeline did, by instant. */
export async function changesOfCommits(
  spark: SparkQueries,
  table: SparkTableName,
): Promise<(instant: Instant) => readonly FileChange[]> {
  const { rows } = await spark.query(
    sql`CALL show_commits_metadata(table => ${quotedLiteral(table.path)}, limit => ${countLiteral(EVERY)})`,
    { maxRows: EVERY },
  );
  const found = new Map<Instant, FileChange[]>();
  for (const row of rows) {
    const change = fileChange(row);
    const known = found.get(change.instant);
    if (known) known.push(change);
    else found.set(change.instant, [change]);
  }
  return (instant) => found.get(instant) ?? NO_FILES;
}

function fileChange(row: SparkRow): FileChange {
  const [instant, , , partition, , , , inserted, deleted, updated] = row;
  return {
    instant: String(instant),
    partition: String(partition),
    inserted: Number(inserted),
    deleted: Number(deleted),
    updated: Number(updated),
    bytes: Number(row.at(-1)),
  };
}

/** Hudi's own properties of the table, from its `hoodie.properties`. */
export async function tableProperties(spark: SparkQueries, table: SparkTableName): Promise<Map<string, string>> {
  const { rows } = await spark.query(
    sql`CALL show_table_properties(table => ${quotedLiteral(table.path)}, limit => ${countLiteral(EVERY)})`,
  );
  return new Map(rows.map(([key, value]) => [String(key), String(value)]));
}

/** A literal instant for places that take nothing else. */
export const instantLiteral = (instant: Instant): Sql => quotedLiteral(instant);

const newestFirst = (a: { instant: Instant }, b: { instant: Instant }): number =>
  a.instant < b.instant ? 1 : a.instant > b.instant ? -1 : 0;

function timeOrNull(value: unknown): number | null {
  const text = String(value);
  return isInstant(text) ? timeOf(text) : null;
}
