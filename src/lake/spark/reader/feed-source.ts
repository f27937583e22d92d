/** Where the reader of one feed gets its rows: the tables, and who runs statements on them. */
import type { Feed } from "../../../model/feed";
import type { Sql } from "../sql/sql";
import { tableIn } from "../tables";
import type { SparkRow } from "../thrift/columns";

export interface QueryLimits {
  deadlineMs?: number;
  signal?: AbortSignal;
}

/** Runs statements in sessions in which the feed's tables are attached. A `SparkSession` is one; a pool of them another. */
export interface SparkQueries {
  /** All rows of an answer that is known to be small, or its first `maxRows`. */
  query(sql: Sql, options?: QueryLimits & { maxRows?: number }): Promise<{ rows: SparkRow[] }>;
  /** The rows of any answer in pages. */
  pages(sql: Sql, options?: QueryLimits): AsyncIterable<SparkRow[]>;
}

export interface SparkTableName {
  /** `database.table` as procedures and table functions take it, in a literal. */
  path: string;
  /** The same as SQL. */
  sql: Sql;
}

export interface FeedSource {
  feed: Feed;
  spark: SparkQueries;
  /** Table of the feed's name: the state, or everything of an append feed. */
  main: SparkTableName;
  /** The table with all versions: the log, or `main` again for an append feed; null for a feed without history. */
  versions: SparkTableName | null;
}

const tableName = (database: string, name: string): SparkTableName => ({
  path: `${database}.${name}`,
  sql: tableIn(database, name),
});

/** A feed's tables by their names in Spark's catalog. */
export function feedSource(feed: Feed, spark: SparkQueries, database: string): FeedSource {
  const main = tableName(database, feed.name);
  const log = feed.historyMs === null ? null : tableName(database, `${feed.name}_log`);
  return { feed, spark, main, versions: feed.writeMode === "append" ? main : log };
}

/** Whether the feed has a state table whose slices can be read: append feeds are folded from their versions. */
export const hasState = ({ feed }: FeedSource): boolean => feed.writeMode === "upsert";
