/** Counts over a whole state. */
import type { Feed } from "../../../model/feed";
import type { Statistics } from "../../reader";
import { columnOf } from "../column-sql";
import { sql, type Sql } from "../sql/sql";
import type { SparkRow } from "../thrift/columns";
import { allOf } from "./filter-sql";
import type { Relation } from "./snapshot-sql";

/** Per status, which is null for a feed without one: rows, and the newest event time. */
export function statisticsQuery(feed: Feed, { source, where }: Relation): Sql {
  const status = feed.status === null ? sql`CAST(NULL AS STRING)` : columnOf(feed, feed.status);
  return sql`SELECT ${status} AS status, count(*), unix_millis(max(${columnOf(feed, feed.eventTime)}))
    FROM ${source} WHERE ${allOf(where)} GROUP BY 1`;
}

export function statisticsOf(rows: readonly SparkRow[]): Statistics {
  const byStatus: Record<string, number> = {};
  let total = 0;
  let newestEventAt: number | null = null;
  for (const [status, count, newest] of rows) {
    total += Number(count);
    if (typeof status === "string") byStatus[status] = Number(count);
    if (newest !== null) newestEventAt = Math.max(newestEventAt ?? -Infinity, Number(newest));
  }
  return { rows: total, byStatus, newestEventAt };
}
