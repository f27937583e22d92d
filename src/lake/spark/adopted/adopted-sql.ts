/** Somebody else's table at a point as a relation with the names and types of Weir's own tables. */
import type { Feed } from "../../../model/feed";
import { EVERYTHING, type Filter } from "../../../model/filter";
import type { Instant } from "../../../model/instant";
import { ARRIVAL, columnOf, rankOf } from "../column-sql";
import { quotedLiteral } from "../sql/literals";
import { join, sql, type Sql } from "../sql/sql";
import { allOf } from "../reader/filter-sql";
import { COMMIT_TIME } from "../reader/old-commits";
import { instantLiteral } from "../reader/procedures";
import { META_COLUMNS, type Relation } from "../reader/snapshot-sql";
import { projection, storedTimeCondition } from "./adopted-columns";
import type { AdoptedTable } from "./adopted-table";

export interface At {
  table: AdoptedTable;
  /** Null = what is newest when the query runs. */
  asOf: Instant | null;
  /** Several rows may share a key: the greatest version stands for it. */
  isFolded: boolean;
}

const PARTITION = META_COLUMNS[3]!;

/** Rows without key or event time can neither be placed nor followed. */
const placed = (feed: Feed): Sql[] => [
  sql`${columnOf(feed, feed.key)} IS NOT NULL`,
  sql`${columnOf(feed, feed.eventTime)} IS NOT NULL`,
];

export function relationAt(feed: Feed, { table, asOf, isFolded }: At, filter: Filter = EVERYTHING): Relation {
  const from = asOf === null ? table.name.sql : sql`${table.name.sql} TIMESTAMP AS OF ${instantLiteral(asOf)}`;
  // Another row of the same key may be the one that counts, whatever its time is.
  const stored = isFolded ? null : storedTimeCondition(feed, table.columns, filter);
  const rows = projected(feed, table, from, stored);
  return isFolded ? folded(feed, rows) : { source: sql`${rows} AS adopted`, where: placed(feed) };
}

/**
 * Rows that commits wrote, as the last of them left them.
 *
 * @param since exclusive, `until` inclusive; of versions 8 and 9 times of completion
 */
export function writtenRows(feed: Feed, table: AdoptedTable, since: Instant, until: Instant): Relation {
  const changes = sql`hudi_table_changes(${quotedLiteral(table.name.path)}, 'latest_state', ${instantLiteral(since)}, ${instantLiteral(until)})`;
  return { source: sql`${projected(feed, table, changes, null)} AS written`, where: placed(feed) };
}

/** Rows that are not the same in another state. */
export function changedRows(feed: Feed, before: At, after: At): Relation {
  const key = columnOf(feed, feed.key);
  const [old, now] = [relationAt(feed, before), relationAt(feed, after)];
  const known = sql`SELECT ${key} AS k, ${COMMIT_TIME} AS t, ${PARTITION} AS p FROM ${old.source} WHERE ${allOf(old.where)}`;
  return {
    source: sql`(SELECT n.* FROM (SELECT * FROM ${now.source} WHERE ${allOf(now.where)}) AS n
      LEFT ANTI JOIN (${known}) AS o ON n.${key} = o.k AND n.${COMMIT_TIME} = o.t AND n.${PARTITION} = o.p) AS changed`,
    where: [],
  };
}

/** Keys of one state that another does not have. */
export function leftKeys(feed: Feed, before: At, after: At): Sql {
  const key = columnOf(feed, feed.key);
  const keys = (at: At) => {
    const { source, where } = relationAt(feed, { ...at, isFolded: false });
    return sql`SELECT ${key} AS k FROM ${source} WHERE ${allOf(where)}`;
  };
  return sql`SELECT DISTINCT o.k FROM (${keys(before)}) AS o LEFT ANTI JOIN (${keys(after)}) AS n ON o.k = n.k ORDER BY 1`;
}

/** At most one row: a key that several rows have. */
export function sharedKey(feed: Feed, at: At): Sql {
  const { source, where } = relationAt(feed, { ...at, isFolded: false });
  const key = columnOf(feed, feed.key);
  return sql`SELECT ${key} FROM ${source} WHERE ${allOf(where)} GROUP BY ${key} HAVING count(*) > 1 LIMIT 1`;
}

function projected(feed: Feed, table: AdoptedTable, from: Sql, where: Sql | null): Sql {
  return sql`(SELECT ${join(META_COLUMNS)}, ${projection(feed, table.columns)} FROM ${from} WHERE ${allOf([where])})`;
}

function folded(feed: Feed, rows: Sql): Relation {
  const order = join(
    [columnOf(feed, feed.ordering), rankOf(feed), COMMIT_TIME, ARRIVAL].map((term) => sql`${term} DESC`),
  );
  const place = sql`row_number() OVER (PARTITION BY ${columnOf(feed, feed.key)} ORDER BY ${order}, ${PARTITION}) AS _place`;
  return {
    source: sql`(SELECT *, ${place} FROM ${rows} AS adopted WHERE ${allOf(placed(feed))}) AS folded`,
    where: [sql`_place = 1`],
  };
}
