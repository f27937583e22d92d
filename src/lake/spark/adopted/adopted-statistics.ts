/** Counts over a whole table. */
import type { Feed } from "../../../model/feed";
import type { Point } from "../../../model/position";
import type { Statistics } from "../../reader";
import { columnOf } from "../column-sql";
import { allOf } from "../reader/filter-sql";
import { sql } from "../sql/sql";
import type { AdoptedRows } from "./adopted-rows";

export async function adoptedStatistics(feed: Feed, rows: AdoptedRows, at: Point): Promise<Statistics | null> {
  const status = feed.status === null ? sql`CAST(NULL AS STRING)` : columnOf(feed, feed.status);
  const counted = await rows.ask(
    at,
    ({ source, where }) => sql`SELECT ${status} AS status, count(*), unix_millis(max(${columnOf(feed, feed.eventTime)}))
      FROM ${source} WHERE ${allOf(where)} GROUP BY 1`,
  );
  if (counted === null) return null;
  const statistics: Statistics & { byStatus: Record<string, number> } = { rows: 0, byStatus: {}, newestEventAt: null };
  for (const [symbol, count, newest] of counted) {
    statistics.rows += Number(count);
    if (typeof symbol === "string") statistics.byStatus[symbol] = Number(count);
    if (newest !== null) statistics.newestEventAt = Math.max(statistics.newestEventAt ?? -Infinity, Number(newest));
  }
  return statistics;
}
