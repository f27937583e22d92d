/**
 * A position as a relation: the state's slices of its instant, or the fold of the log. What is selected from it need not know
 * which it is.
 */
import type { Feed } from "../../../model/feed";
import { EVERYTHING, type Filter } from "../../../model/filter";
import type { Instant } from "../../../model/instant";
import type { RowCursor } from "../../reader";
import { ARRIVAL, columnOf, columnsOf, rankOf } from "../column-sql";
import { countLiteral, hexLiteral, quotedLiteral } from "../sql/literals";
import { identifier, join, nothing, sql, type Sql } from "../sql/sql";
import type { FeedSource } from "./feed-source";
import { allOf, partitionCondition, timeCondition, timeLiteral, valueCondition } from "./filter-sql";
import { COMMIT_TIME, commitDates } from "./old-commits";
import { instantLiteral } from "./procedures";

/** Hudi's columns, in their order. */
export const META_COLUMNS: readonly Sql[] = [
  "_hoodie_commit_time",
  "_hoodie_commit_seqno",
  "_hoodie_record_key",
  "_hoodie_partition_path",
  "_hoodie_file_name",
].map(identifier);

export interface Selection {
  filter: Filter;
  limit: number;
  after?: RowCursor;
}

/** Rows of a position that may be in an answer: what a filter cannot exclude by itself is still in it. */
export interface Relation {
  source: Sql;
  /** Conditions that hold for the rows of the answer, and that are cheap to check early. */
  where: readonly (Sql | null)[];
}

/** The slices of the state at its own instant; partitions beside the filter's times are not listed. */
export const stateRelation = ({ feed, main }: FeedSource, state: Instant, filter: Filter): Relation => ({
  source: sql`${main.sql} TIMESTAMP AS OF ${instantLiteral(state)}`,
  where: [partitionCondition(feed, filter)],
});

export interface VersionsRange {
  /** Versions committed until here count. */
  until: Instant;
  /** Versions committed before here are not looked at: a matter of speed. */
  from?: Instant;
  /**
   * The log has lost versions that were committed before here: what the state still holds of them stands in for them, as far as
   * it has not changed since.
   */
  lostBefore?: Instant;
  /** A condition that all versions of a key meet or none. */
  keys?: Sql | null;
  /** The condition that versions meet which have not left for their age; null = all. */
  counted: Sql | null;
}

/** The greatest version of each key by (ordering value, rank, arrival). */
export function foldedRelation(source: FeedSource, range: VersionsRange): Relation {
  const { feed } = source;
  const order = join(
    [columnOf(feed, feed.ordering), rankOf(feed), COMMIT_TIME, ARRIVAL].map((term) => sql`${term} DESC`),
  );
  const place = sql`row_number() OVER (PARTITION BY ${columnOf(feed, feed.key)} ORDER BY ${order}) AS _place`;
  return {
    source: sql`(SELECT *, ${place} FROM ${versionsOf(source, range)}) AS folded`,
    where: [sql`_place = 1`],
  };
}

/** SQL of a relation with Hudi's columns and the feed's. */
export function versionsOf(source: FeedSource, { until, from, lostBefore, keys, counted }: VersionsRange): Sql {
  const { feed, main, versions } = source;
  const columns = join([...META_COLUMNS, columnsOf(feed)]);
  const logged = sql`SELECT ${columns} FROM ${versions!.sql} WHERE ${allOf([
    sql`${COMMIT_TIME} <= ${instantLiteral(until)}`,
    commitDates(source, { ...(from === undefined ? {} : { from }), to: until }),
    keys ?? null,
    counted,
  ])}`;
  if (lostBefore === undefined) return sql`(${logged})`;
  const kept = sql`SELECT ${columns} FROM ${main.sql} WHERE ${allOf([
    sql`${COMMIT_TIME} < ${instantLiteral(lostBefore)}`,
    keys ?? null,
    counted,
  ])}`;
  return sql`(${logged} UNION ALL ${kept})`;
}

/** Order of rows on pages and in answers. */
export const rowOrder = (feed: Feed): Sql =>
  sql`${columnOf(feed, feed.eventTime)} DESC, ${columnOf(feed, feed.key)} ASC`;

/** Rows behind a cursor. The first term is redundant and lets whole files be skipped. */
function afterCondition(feed: Feed, after: RowCursor | undefined): Sql | null {
  if (after === undefined) return null;
  const [time, key] = [columnOf(feed, feed.eventTime), columnOf(feed, feed.key)];
  const at = timeLiteral(after.eventTime);
  return sql`${time} <= ${at} AND (${time} < ${at} OR ${key} > ${hexLiteral(after.key)})`;
}

/** Spark takes no LIMIT beyond 31 bits. */
const atMost = (limit: number): Sql => (limit < 2 ** 31 ? sql`LIMIT ${countLiteral(limit)}` : nothing);

/** @param select list of a SELECT over the relation's columns */
export function selection(feed: Feed, { source, where }: Relation, select: Sql, asked: Selection): Sql {
  const { filter, limit, after } = asked;
  const conditions = [...where, timeCondition(feed, filter), valueCondition(feed, filter), afterCondition(feed, after)];
  return sql`SELECT ${select} FROM ${source} WHERE ${allOf(conditions)} ORDER BY ${rowOrder(feed)} ${atMost(limit)}`;
}

/** The newest rows of a position with Hudi's columns, in their order. */
export const newestWithMeta = (feed: Feed, relation: Relation, limit: number): Sql =>
  selection(feed, relation, join([...META_COLUMNS, columnsOf(feed)]), { filter: EVERYTHING, limit });

/** One number: how many of the newest `within` rows match. */
export function countOfNewest(feed: Feed, { source, where }: Relation, filter: Filter, within: number): Sql {
  const matches = allOf([timeCondition(feed, filter), valueCondition(feed, filter)]);
  return sql`SELECT count(*) FROM (
      SELECT ${columnsOf(feed)} FROM ${source} WHERE ${allOf(where)}
      ORDER BY ${rowOrder(feed)} ${atMost(within)}
    ) AS newest WHERE ${matches}`;
}

/** At most one row: a key that changed after an instant, of which no version until then is known. */
export function unknownKey(source: FeedSource, range: VersionsRange, before: Pick<Filter, "from" | "to">): Sql {
  const { feed, versions } = source;
  const key = columnOf(feed, feed.key);
  const newer = sql`SELECT ${key} AS k FROM ${versions!.sql} WHERE ${allOf([
    sql`${COMMIT_TIME} > ${instantLiteral(range.until)}`,
    commitDates(source, { from: range.until }),
    timeCondition(feed, before),
  ])}`;
  const known = sql`SELECT ${key} AS k FROM ${versionsOf(source, range)}`;
  return sql`SELECT n.k FROM (${newer}) AS n LEFT ANTI JOIN (${known}) AS o ON n.k = o.k LIMIT 1`;
}

/** Whether the state still has rows that were committed before an instant. At most one row. */
export const committedBefore = ({ main }: FeedSource, instant: Instant): Sql =>
  sql`SELECT 1 FROM ${main.sql} WHERE ${COMMIT_TIME} < ${instantLiteral(instant)} LIMIT 1`;

/** The rows of the state at `until` that were committed after `since`, from the state's own increments. */
export const incrementsOf = ({ main }: FeedSource, since: Instant, until: Instant): Relation => ({
  source: sql`hudi_table_changes(${quotedLiteral(main.path)}, 'latest_state', ${instantLiteral(since)}, ${instantLiteral(until)})`,
  where: [],
});

/** The rows of the present state that one commit wrote, in the partitions that it wrote to. */
export const writtenBy = ({ feed, main }: FeedSource, commit: Instant, partitions: readonly string[]): Relation => ({
  source: main.sql,
  where: [
    sql`${COMMIT_TIME} = ${instantLiteral(commit)}`,
    sql`${identifier(feed.partitionColumn)} IN (${join(partitions.map(quotedLiteral))})`,
  ],
});

/** The same from the log: of the keys that got versions in the range, those whose greatest one is among them. */
export function changedVersions(source: FeedSource, since: Instant, range: VersionsRange): Relation {
  const { feed, versions } = source;
  const { until } = range;
  const key = columnOf(feed, feed.key);
  const inRange = allOf([
    sql`${COMMIT_TIME} > ${instantLiteral(since)}`,
    sql`${COMMIT_TIME} <= ${instantLiteral(until)}`,
    commitDates(source, { from: since, to: until }),
  ]);
  const keys = sql`${key} IN (SELECT ${key} FROM ${versions!.sql} WHERE ${inRange})`;
  const folded = foldedRelation(source, { ...range, keys });
  return { source: folded.source, where: [...folded.where, sql`${COMMIT_TIME} > ${instantLiteral(since)}`] };
}

/** The keys that have a row in one relation and none in another, ascending. */
export function keysOnlyIn(feed: Feed, before: Relation, after: Relation, limit: number): Sql {
  const keysOf = ({ source, where }: Relation) =>
    sql`SELECT ${columnOf(feed, feed.key)} AS k FROM ${source} WHERE ${allOf(where)}`;
  return sql`SELECT k FROM (${keysOf(before)} EXCEPT ${keysOf(after)}) ORDER BY k ${atMost(limit)}`;
}
