/**
 * The two statements of a commit. The log takes every message that it does not have; the state takes, per key, the greatest
 * version that the log took, unless it holds a greater one, and lets go of the row that the key had in another partition.
 *
 * What Spark taught us here (docs/decisions): MERGE only, since UPDATE and DELETE answer success when nothing was committed;
 * the conditions of its clauses exclude each other, because their order is not honoured; no UNION in its source, which Hudi's
 * analysis of MERGE cannot resolve. Both write only while their process may (write-permit.ts).
 */
import type { Feed } from "../../model/feed";
import type { Instant } from "../../model/instant";
import { LOG_PARTITION_COLUMN } from "../hudi/feed-schema";
import { ARRIVAL, columnOf, columnsOf, partitionOf, rankOf, stagedColumns, versionText } from "./column-sql";
import { hexLiteral, quotedLiteral } from "./sql/literals";
import { identifier, join, nothing, sql, type Sql } from "./sql/sql";
import { isPermitted } from "./write-permit";

/** Partition values between which (both included) rows of a table are looked at. */
export interface PartitionRange {
  from: string;
  to: string;
}

/** Avro files of a lake. */
export interface StagedSource {
  /** The lake as Spark sees it, `file:/srv/lake`. */
  url: string;
  /** In the lake. They hold nothing but letters, digits, `/`, `_`, `-` and `.`, and sort in the order of arrival. */
  paths: readonly string[];
}

/** The staged files of a commit, as a view of the session that writes. */
const STAGED = identifier("weir_staged_files");

/**
 * Makes the view of the staged files. They are read with the feed's schema of today: what was staged before a field was added
 * has its default. One scan for all files: a plan that unites one per file takes longer than reading them.
 */
export function viewOfStaged(feed: Feed, { url, paths }: StagedSource): Sql {
  const path = paths.length === 1 ? `${url}/${paths[0]}` : `${url}/{${paths.join(",")}}`;
  // The same in JSON, and no variable of Spark's.
  const schema = JSON.stringify(feed.schema).replaceAll("${", "\\u0024{");
  return sql`CREATE OR REPLACE TEMPORARY VIEW ${STAGED} USING avro
    OPTIONS (path ${quotedLiteral(path)}, avroSchema ${quotedLiteral(schema)})`;
}

/** Every staged message, once, with `_v` (the message as a text) and what orders arrivals: `_f`, `_b`, `_m`. */
const messages = (feed: Feed): Sql =>
  sql`SELECT * FROM (
      SELECT *, row_number() OVER (PARTITION BY _v ORDER BY _f, _b, _m) AS _copy
      FROM (SELECT *, ${versionText(feed)} AS _v FROM (
        SELECT ${stagedColumns(feed)}, input_file_name() AS _f, input_file_block_start() AS _b,
          monotonically_increasing_id() AS _m FROM ${STAGED}
      ))
    ) WHERE _copy = 1`;

export interface LogInsert {
  feed: Feed;
  table: Sql;
  /** Expression of the partition column's value, over the feed's columns. */
  partition: { column: string; value: Sql };
  /** Condition that all stored messages meet that could be equal to one of the files. */
  where: Sql;
}

/** Appends the staged messages that the table does not have, in order of arrival (one task writes them). */
export function insertIntoLog({ feed, table, partition, where }: LogInsert): Sql {
  const columns = columnsOf(feed);
  return sql`INSERT INTO ${table} (${columns}, ${identifier(partition.column)})
    SELECT ${columns}, ${partition.value} AS ${identifier(partition.column)} FROM (${messages(feed)}) AS m
    LEFT ANTI JOIN (SELECT ${versionText(feed)} AS _v FROM ${table} WHERE ${where}) AS l ON m._v = l._v
    DISTRIBUTE BY 1 SORT BY _f, _b, _m`;
}

/** The versions that a commit of the log took. */
export const loggedAt = (feed: Feed, log: Sql, instant: Instant, commitDates: PartitionRange): Sql =>
  sql`SELECT ${columnsOf(feed)}, ${ARRIVAL} AS _arrival FROM ${log}
    WHERE \`_hoodie_commit_time\` = ${quotedLiteral(instant)} AND ${within(identifier(LOG_PARTITION_COLUMN), commitDates)}`;

/** For a feed without a log: the messages themselves. */
export const stagedVersions = (feed: Feed): Sql =>
  sql`SELECT ${columnsOf(feed)}, row_number() OVER (ORDER BY _f, _b, _m) AS _arrival FROM (${messages(feed)})`;

export interface StateMerge {
  feed: Feed;
  state: Sql;
  /** Versions with `_arrival`. */
  versions: Sql;
  /** Partitions of the state in which rows of these keys may be. */
  partitions: PartitionRange;
  /** The keys of the versions; null when they are many or not known. With them the state need not be grouped by key. */
  keys: readonly string[] | null;
  /** Leaves out versions that the state holds already: without a log, a replay would else make a commit. */
  skipEqual: boolean;
}

/** Takes the winners, and removes what they had in other partitions. */
export function mergeIntoState({ feed, state, versions, partitions, keys, skipEqual }: StateMerge): Sql {
  const key = columnOf(feed, feed.key);
  const ordering = columnOf(feed, feed.ordering);
  const column = identifier(feed.partitionColumn);
  const columns = [...feed.fields.map(({ name }) => identifier(name)), column];
  const list = join(columns);
  const newest = sql`SELECT * FROM (
      SELECT *, ${partitionOf(feed)} AS _to, ${rankOf(feed)} AS _rank, row_number() OVER (
        PARTITION BY ${key} ORDER BY ${ordering} DESC, ${rankOf(feed)} DESC, _arrival DESC) AS _place
      FROM (${versions}) WHERE ${isPermitted}
    ) WHERE _place = 1`;
  const ofKeys = keys === null ? nothing : sql` AND ${key} IN (${join(keys.map(hexLiteral))})`;
  const stored = sql`SELECT ${key} AS _key, max(struct(${ordering} AS o, ${rankOf(feed)} AS r)) AS _order,
      collect_set(${column}) AS _in${skipEqual ? sql`, collect_set(${versionText(feed)}) AS _texts` : nothing}
    FROM ${state} WHERE ${within(column, partitions)}${ofKeys} GROUP BY ${key}`;
  const isNew = skipEqual
    ? sql`(s._key IS NULL OR (s._order <= struct(n.${ordering} AS o, n._rank AS r) AND NOT array_contains(s._texts, ${versionText(feed)})))`
    : sql`(s._key IS NULL OR s._order <= struct(n.${ordering} AS o, n._rank AS r))`;
  const moves = sql`explode(concat(array(struct(n._to AS place, 'U' AS op)),
      transform(filter(coalesce(s._in, array()), p -> p <> n._to), p -> struct(p AS place, 'D' AS op))))`;
  return sql`MERGE INTO ${state} AS t USING (
      SELECT ${columnsOf(feed)}, _move.place AS ${column}, _move.op AS _op FROM (
        SELECT n.*, ${moves} AS _move FROM (${newest}) AS n LEFT JOIN (${stored}) AS s ON s._key = n.${key} WHERE ${isNew}
      )
    ) AS s ON t.${key} = s.${key} AND t.${column} = s.${column}
    WHEN MATCHED AND s._op = 'D' THEN DELETE
    WHEN MATCHED AND s._op = 'U' THEN UPDATE SET ${join(columns.map((name) => sql`t.${name} = s.${name}`))}
    WHEN NOT MATCHED AND s._op = 'U' THEN INSERT (${list}) VALUES (${join(columns.map((name) => sql`s.${name}`))})`;
}

export const within = (column: Sql, { from, to }: PartitionRange): Sql =>
  sql`${column} >= ${quotedLiteral(from)} AND ${column} <= ${quotedLiteral(to)}`;
