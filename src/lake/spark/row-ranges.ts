/** Where in the tables rows may be that have to do with some others. */
import { eventTimeOf, partitionValue, type Feed } from "../../model/feed";
import { compareLongs, isWellFormed, type Row, type WireValue } from "../../model/value";
import { columnOf } from "./column-sql";
import { longLiteral, timestampLiteral } from "./sql/literals";
import { sql, type Sql } from "./sql/sql";
import type { PartitionRange } from "./writer-sql";

/** Keys that a statement names: beyond it, it takes longer to plan than to do without. */
const FEW_KEYS = 1_000;

/** The rows' keys; null when there are too many, or one that SQL cannot hold. */
export function fewKeys({ key }: Feed, rows: readonly Row[]): string[] | null {
  const keys = [...new Set(rows.map((row) => String(row[key])))];
  return keys.length > FEW_KEYS || !keys.every(isWellFormed) ? null : keys;
}

/** Equal messages have equal ordering values, and files of a log are about in their order: most of them need not be read. */
export function mayBeEqual(feed: Feed, rows: readonly Row[]): Sql {
  const values = rows.map((row) => row[feed.ordering] as WireValue);
  const least = values.reduce((a, b) => (compareLongs(b!, a!) < 0 ? b : a));
  const greatest = values.reduce((a, b) => (compareLongs(b!, a!) > 0 ? b : a));
  const ordering = columnOf(feed, feed.ordering);
  return sql`${ordering} >= ${orderingLiteral(feed, least)} AND ${ordering} <= ${orderingLiteral(feed, greatest)}`;
}

function orderingLiteral(feed: Feed, value: WireValue): Sql {
  const { type } = feed.fields[feed.ordering]!;
  const long = BigInt(value as string | number);
  if (type.kind !== "timestamp") return longLiteral(long);
  return timestampLiteral(type.unit === "millis" ? long * 1000n : long);
}

/** Partitions of the rows' events, and of what is so far before and after them. */
export function rangeOf(feed: Feed, rows: readonly Row[], aroundMs: number): PartitionRange {
  let [from, to] = [Infinity, -Infinity];
  for (const row of rows) {
    const time = eventTimeOf(feed, row);
    from = Math.min(from, time);
    to = Math.max(to, time);
  }
  return rangeBetween(feed, from - aroundMs, to + aroundMs);
}

/** @param from and `to` epoch ms */
export const rangeBetween = ({ granularity }: Feed, from: number, to: number): PartitionRange => ({
  from: partitionValue(granularity, from),
  to: partitionValue(granularity, to),
});
