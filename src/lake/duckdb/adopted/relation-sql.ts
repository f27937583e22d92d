/** Files of somebody else's table as a relation with Hudi's columns and the feed's. */
import type { Feed } from "../../../model/feed";
import type { Filter } from "../../../model/filter";
import { duckdbType, identifier, META_COLUMNS } from "../column-types";
import { columnOf } from "../filter-sql";
import { rankExpression } from "../log-fold";
import { projection, storedTimeCondition, type FileColumns } from "./columns";

/** Rows without key or event time can neither be placed nor followed. @param paths SQL list of the files, not empty */
export function rowsOfFiles(feed: Feed, columns: FileColumns, paths: string, filter: Filter): string {
  const files = `read_parquet(${paths}, union_by_name = true, hive_partitioning = false)`;
  const stored = storedTimeCondition(feed, columns, filter);
  const rows = `SELECT ${META_COLUMNS.join(", ")}, ${projection(feed, columns)} FROM ${files} AS files ${stored === null ? "" : `WHERE ${storedIn(stored)}`}`;
  const [key, time] = [columnOf(feed, feed.key), columnOf(feed, feed.eventTime)];
  return `(SELECT * FROM (${rows}) WHERE ${key} IS NOT NULL AND ${time} IS NOT NULL)`;
}

/** A name in WHERE is that of the list before it means the column: the files' columns are named with their relation. */
const storedIn = (condition: string): string => condition.replace(/(^|AND )"/g, '$1files."');

/** A table without files. */
export function emptyRelation(feed: Feed): string {
  const meta = META_COLUMNS.map((name) => `NULL::VARCHAR AS ${name}`);
  const fields = feed.fields.map(({ name, type }) => `NULL::${duckdbType(type)} AS ${identifier(name)}`);
  return `(SELECT ${[...meta, ...fields].join(", ")} WHERE false)`;
}

/** Of the rows that share a key the greatest version. */
export function foldedRows(feed: Feed, rows: string): string {
  const order = [columnOf(feed, feed.ordering), rankExpression(feed), "_hoodie_commit_time", "_hoodie_commit_seqno"];
  const place = `row_number() OVER (PARTITION BY ${columnOf(feed, feed.key)} ORDER BY ${order.map((term) => `${term} DESC`).join(", ")}, _hoodie_partition_path)`;
  return `(SELECT * FROM ${rows} QUALIFY ${place} = 1)`;
}

/** Keys of one state that another does not have. */
export function leftKeys(feed: Feed, before: { all: string }, after: { all: string }): string {
  const key = columnOf(feed, feed.key);
  return `SELECT ${key} FROM ${before.all} EXCEPT SELECT ${key} FROM ${after.all} ORDER BY 1`;
}

/** At most one row: a key that several rows have. */
export function sharedKey(feed: Feed, rows: string): string {
  const key = columnOf(feed, feed.key);
  return `SELECT ${key} FROM ${rows} GROUP BY 1 HAVING count(*) > 1 LIMIT 1`;
}
