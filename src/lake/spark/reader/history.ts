/** All versions of one key. */
import { columnOf, ARRIVAL, rankOf } from "../column-sql";
import { hexLiteral } from "../sql/literals";
import { isWellFormed } from "../../../model/value";
import { join, sql } from "../sql/sql";
import type { Instant } from "../../../model/instant";
import type { Version } from "../../reader";
import type { FeedSource } from "./feed-source";
import { COMMIT_TIME } from "./old-commits";
import { instantLiteral } from "./procedures";
import { selected, textColumn, toWireRows, wireColumns } from "./wire-columns";

/** As far as the log reaches, in the order (ordering value, rank, arrival). Without a log, what the state has. */
export async function versionsOfKey(source: FeedSource, key: string, until: Instant): Promise<Version[]> {
  const { feed, spark, main, versions } = source;
  if (!isWellFormed(key)) return [];
  const columns = [textColumn(COMMIT_TIME), ...wireColumns(feed)];
  // A bare number in ORDER BY would be the position of a column.
  const rank = sql`CAST(${rankOf(feed)} AS BIGINT)`;
  const order = join([columnOf(feed, feed.ordering), rank, COMMIT_TIME, ARRIVAL]);
  const { rows } = await spark.query(sql`SELECT ${selected(columns)} FROM ${(versions ?? main).sql}
    WHERE ${columnOf(feed, feed.key)} = ${hexLiteral(key)} AND ${COMMIT_TIME} <= ${instantLiteral(until)} ORDER BY ${order}`);
  return toWireRows(columns, rows).map(([instant, ...row]) => ({ instant: instant as Instant, row }));
}
