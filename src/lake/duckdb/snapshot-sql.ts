/**
 * A snapshot as SQL, from the state's slices and from the log. Both yield whole rows, so that what reads them need not know
 * which it was.
 */
import type { Feed } from "../../model/feed";
import { EVERYTHING, type Filter } from "../../model/filter";
import type { Instant } from "../../model/instant";
import type { RowCursor } from "../reader";
import { literal } from "./column-types";
import { columnOf, timeCondition, timestampLiteral, valueCondition } from "./filter-sql";
import { foldQuery, winnersQuery } from "./log-fold";

export interface Selection {
  filter: Filter;
  limit: number;
  after?: RowCursor;
}

/** Order of rows on pages and in answers. */
export const rowOrder = (feed: Feed): string => `${columnOf(feed, feed.eventTime)} DESC, ${columnOf(feed, feed.key)}`;

const conjunction = (parts: readonly (string | null)[]): string => {
  const present = parts.filter((part) => part !== null);
  return present.length === 0 ? "" : `WHERE ${present.join(" AND ")}`;
};

/** Rows behind a cursor. The first term is redundant and lets whole row groups be skipped. */
function afterCondition(time: string, key: string, after: RowCursor | undefined): string | null {
  if (after === undefined) return null;
  const at = timestampLiteral(after.eventTime);
  return `${time} <= ${at} AND (${time} < ${at} OR ${key} > ${literal(after.key)})`;
}

/** @param source SQL of the slices of one instant */
export function stateQuery(feed: Feed, source: string, { filter, limit, after }: Selection): string {
  const where = conjunction([
    timeCondition(feed, filter),
    valueCondition(feed, filter),
    afterCondition(columnOf(feed, feed.eventTime), columnOf(feed, feed.key), after),
  ]);
  return `SELECT * FROM ${source} ${where} ORDER BY ${rowOrder(feed)} LIMIT ${BigInt(limit)}`;
}

/**
 * SQL of the event times (epoch ms, ascending places) of every nth of the rows that `stateQuery` gives, and of the last one
 * when there are as many as wanted. It reads times only.
 */
export function floorsQuery(feed: Feed, source: string, { filter, limit, after }: Selection, nth: number): string {
  const time = columnOf(feed, feed.eventTime);
  const where = conjunction([
    timeCondition(feed, filter),
    valueCondition(feed, filter),
    afterCondition(time, columnOf(feed, feed.key), after),
  ]);
  return `SELECT epoch_ms(_t) FROM (
      SELECT _t, row_number() OVER (ORDER BY _t DESC) AS _n
      FROM (SELECT ${time} AS _t FROM ${source} ${where} ORDER BY 1 DESC LIMIT ${BigInt(limit)}))
    WHERE _n % ${nth} = 0 OR _n = ${BigInt(limit)} ORDER BY _n`;
}

/**
 * Conditions apply after the fold: a version that does not meet them may be the newest of its key. Those on the key itself
 * hold for all of its versions or none, and apply before.
 *
 * @param source SQL of the log's files
 * @param versions further condition on what counts as a version, or null
 */
export function logQuery(
  feed: Feed,
  source: string,
  until: Instant,
  { filter, limit, after }: Selection,
  versions: string | null,
): string {
  const onKey = filter.columns.filter(({ field }) => field === feed.key);
  const others = { text: filter.text, columns: filter.columns.filter(({ field }) => field !== feed.key) };
  const keys = valueCondition(feed, { text: null, columns: onKey });
  const values = valueCondition(feed, others);
  const times: string[] = [];
  if (filter.from !== null) times.push(`_time >= ${timestampLiteral(filter.from)}`);
  if (filter.to !== null) times.push(`_time < ${timestampLiteral(filter.to)}`);
  const placed = `SELECT * FROM folded ${conjunction([...times, afterCondition("_time", "_key", after)])}`;
  const matching =
    values === null ? placed : `${winnersQuery(source, `(${placed})`, "w._key, w._at, w._time")} WHERE ${values}`;
  return `WITH folded AS (${foldQuery(feed, { source, until, keys, versions })}),
    chosen AS MATERIALIZED (SELECT * FROM (${matching}) ORDER BY _time DESC, _key LIMIT ${BigInt(limit)})
    ${winnersQuery(source, "chosen")}`;
}

/** Which of the newest rows are counted. */
export interface Counted {
  filter: Filter;
  /** How many of the newest rows are looked at. */
  within: number;
  /** Rows before this need not be looked at, epoch ms. */
  from: number | null;
}

/**
 * SQL of one row: how many of the newest rows match, how many there are, and whether all of them have ordering values from
 * `from` on (true without it).
 */
export function logCountQuery(
  feed: Feed,
  source: string,
  until: Instant,
  { filter, within, from }: Counted,
  versions: string | null,
): string {
  const since = from === null ? null : timestampLiteral(from);
  const values = valueCondition(feed, filter);
  const times: string[] = [];
  if (filter.from !== null) times.push(`_time >= ${timestampLiteral(filter.from)}`);
  if (filter.to !== null) times.push(`_time < ${timestampLiteral(filter.to)}`);
  const placed = `SELECT * FROM newest ${conjunction(times)}`;
  const matching =
    values === null ? placed : `${winnersQuery(source, `(${placed})`, "w._time")} ${conjunction([values])}`;
  return `WITH folded AS (${foldQuery(feed, { source, until, versions })}),
    newest AS MATERIALIZED (
      SELECT * FROM folded ${conjunction([since && `_time >= ${since}`])} ORDER BY _time DESC, _key LIMIT ${BigInt(within)})
    SELECT (SELECT count(*) FROM (${matching})), count(*), ${since === null ? "true" : `coalesce(min(_at.o) >= ${since}, true)`}
    FROM newest`;
}

/** The same from the slices of one instant. */
export function stateCountQuery(feed: Feed, source: string, { filter, within }: Counted): string {
  const matches = [timeCondition(feed, filter), valueCondition(feed, filter)].filter((part) => part !== null);
  const newest = stateQuery(feed, source, { filter: EVERYTHING, limit: within });
  return `SELECT count(*) FILTER (${["true", ...matches].join(" AND ")}), count(*), true FROM (${newest})`;
}

/**
 * The state rows at `until` that changed after `since`, from the log.
 *
 * @param changed SQL of the files that hold commits of the range
 * @param source SQL of all files that hold commits until its end
 * @param range with a further condition on what counts as a version at its end, or null
 */
export function logChangesQuery(
  feed: Feed,
  changed: string,
  source: string,
  { since, until, versions }: { since: Instant; until: Instant; versions: string | null },
): string {
  const key = columnOf(feed, feed.key);
  const inRange = `_hoodie_commit_time > ${literal(since)} AND _hoodie_commit_time <= ${literal(until)}`;
  const keys = `${key} IN (SELECT ${key} FROM ${changed} WHERE ${inRange})`;
  return `WITH folded AS (${foldQuery(feed, { source, until, keys, versions })}),
    chosen AS MATERIALIZED (SELECT * FROM folded WHERE _at.c > ${literal(since)})
    ${winnersQuery(source, "chosen")}`;
}

/** The same from the slices of the state at `until`: a row's commit time is that of its last change. */
export const stateChangesQuery = (source: string, since: Instant): string =>
  `SELECT * FROM ${source} WHERE _hoodie_commit_time > ${literal(since)}`;

/**
 * At most one row: a key that changed after an instant, of which no version until then is known.
 *
 * @param known SQL of the files with versions until the instant, or null when there are none
 * @param newer SQL of the files with versions after it
 */
export function unknownQuery(
  feed: Feed,
  known: string | null,
  newer: string,
  { instant, versions, before }: { instant: Instant; versions: string; before: Pick<Filter, "from" | "to"> },
): string {
  const key = columnOf(feed, feed.key);
  const where = conjunction([`_hoodie_commit_time > ${literal(instant)}`, timeCondition(feed, before)]);
  const found = `SELECT ${key} AS k FROM ${newer} ${where}`;
  if (known === null) return `${found} LIMIT 1`;
  const seen = `SELECT ${key} AS k FROM ${known} WHERE _hoodie_commit_time <= ${literal(instant)} AND ${versions}`;
  return `SELECT k FROM (${found}) n ANTI JOIN (${seen}) s USING (k) LIMIT 1`;
}
