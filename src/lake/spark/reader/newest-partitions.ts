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

export class NewestPartitions {
  /** A table of so many partitions had fewer rows than somebody wanted: nothing is counted again until there are more. */
  #tooFew: { partitions: number; limit: number } | null = null;

  constructor(private readonly source: FeedSource) {}

  /** A condition that the newest `limit` rows of a state meet, or null where nothing is won by one. */
  async of(state: Instant, limit: number): Promise<Sql | null> {
    const { feed, spark, main } = this.source;
    const { rows } = await spark.query(sql`SHOW PARTITIONS ${main.sql}`);
    const prefix = `${feed.partitionColumn}=`;
    const names = rows.map(([name]) => String(name)).sort();
    if (names.length < MANY || !names.every((name) => name.startsWith(prefix))) return null;
    if (this.#tooFew && names.length <= this.#tooFew.partitions && limit >= this.#tooFew.limit) return null;
    const { source: relation } = stateRelation(this.source, state, EVERYTHING);
    for (let taken = 1; taken < names.length; taken *= 2) {
      const oldest = names.at(-taken)!.slice(prefix.length);
      const condition = sql`${identifier(feed.partitionColumn)} >= ${quotedLiteral(oldest)}`;
      const counted = await spark.query(sql`SELECT count(*) FROM ${relation} WHERE ${condition}`);
      if (Number(counted.rows[0]![0]) >= limit) return condition;
    }
    this.#tooFew = { partitions: names.length, limit };
    return null;
  }
}
