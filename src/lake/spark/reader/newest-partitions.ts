/**
 * Which partitions of the state hold its newest rows. Partitions are of event time, so that the newest rows are all in the last
 * few: a hot window of a table of many days is loaded without looking into the others.
 */
import type { Instant } from "../../../model/instant";
import { EVERYTHING } from "../../../model/filter";
import { quotedLiteral } from "../sql/literals";
import { identifier, sql, type Sql } from "../sql/sql";
import type { FeedSource } from "./feed-source";
import { stateRelation } from "./snapshot-sql";

/** Fewer are simply read. */
const MANY = 4;

/** A condition that the newest `limit` rows of a state meet, or null where nothing is won by one. */
export async function newestPartitions(source: FeedSource, state: Instant, limit: number): Promise<Sql | null> {
  const { feed, spark, main } = source;
  const { rows } = await spark.query(sql`SHOW PARTITIONS ${main.sql}`);
  const prefix = `${feed.partitionColumn}=`;
  const names = rows.map(([name]) => String(name)).sort();
  if (names.length < MANY || !names.every((name) => name.startsWith(prefix))) return null;
  const { source: relation } = stateRelation(source, state, EVERYTHING);
  for (let taken = 1; taken < names.length; taken *= 2) {
    const oldest = names.at(-taken)!.slice(prefix.length);
    const condition = sql`${identifier(feed.partitionColumn)} >= ${quotedLiteral(oldest)}`;
    const counted = await spark.query(sql`SELECT count(*) FROM ${relation} WHERE ${condition}`);
    if (Number(counted.rows[0]![0]) >= limit) return condition;
  }
  return null;
}
