/**
 * Rows of a feed that are past its retention, on Spark: found by queries, and let go of by one statement that drops their partitions
 * of the main table. What the drop's commit says of itself is what the embedded engine's drops say (`hudi/drops.ts`).
 */
import type { Clock } from "../../clock";
import type { Feed } from "../../model/feed";
import type { Instant } from "../../model/instant";
import { leftSetting, LEFT, type Drop, type Left } from "../hudi/drops";
import { endsBy, expiredBefore } from "../hudi/expiry";
import { partitionCreated } from "../hudi/table";
import type { TableDrops } from "../hudi/table-drops";
import type { Storage } from "../storage/storage";
import { columnOf } from "./column-sql";
import { countedVersions } from "./reader/counted-versions";
import { feedSource, type FeedSource } from "./reader/feed-source";
import { allOf, timeLiteral } from "./reader/filter-sql";
import { foldedRelation, type Relation } from "./reader/snapshot-sql";
import { countLiteral, quotedLiteral, setStatement } from "./sql/literals";
import { identifier, join, sql, type Sql } from "./sql/sql";
import type { TableTimeline } from "./table-timeline";
import { tableIn } from "./tables";
import type { SparkSession } from "./thrift/session";

/** Keys that are told one by one; whoever follows reads the table again when more leave at once. */
const MOST_TOLD = 500_000;
const DEADLINE_MS = 120_000;

export interface RetentionOptions {
  feed: Feed;
  database: string;
  main: TableTimeline;
  /** By which rows have left `main`. */
  drops: TableDrops;
  storage: Storage;
  clock: Clock;
}

/** What is past its time. */
interface Expired {
  /** Values of the partition column, ascending. */
  partitions: readonly string[];
  /** Rows of before this leave, epoch ms. */
  before: number;
  drops: readonly Drop[];
  /** The newest position. */
  head: Instant;
}

export class Retention {
  /** Partitions that may hold rows; null = to be looked up. */
  #live: Set<string> | null = null;

  constructor(private readonly options: RetentionOptions) {}

  /** A commit has written to partitions. */
  wrote(partitions: readonly string[]): void {
    for (const value of partitions) this.#live?.add(value);
  }

  /** Somebody else may have written, or a statement has failed. */
  forget(): void {
    this.#live = null;
  }

  /** Null when there is nothing to let go. */
  async expired(head: Instant | null): Promise<Expired | null> {
    const { feed, main, drops, clock } = this.options;
    const { retentionMs } = feed;
    if (retentionMs === null || head === null) return null;
    this.#live ??= new Set(await main.livePartitions());
    const known = await drops.all();
    const before = expiredBefore(feed, { now: clock.now(), retentionMs }, known);
    const partitions = [...this.#live].filter((value) => endsBy(this.#pathOf(value), before)).sort();
    return partitions.length === 0 ? null : { partitions, before, drops: known, head };
  }

  /**
   * Finds out what leaves and sets what the drop's commit is to say of it, until `unset`. (One that fails leaves it set: commits
   * that drop nothing are not asked for it.)
   *
   * @returns the keys that leave; null when they are more than are told
   * @throws Error when the keys that moved are more than a setting can hold: nothing is to be dropped then
   */
  async prepare(session: SparkSession, expired: Expired): Promise<string[] | null> {
    const { feed, database, main, storage } = this.options;
    const partitions = new Map<string, Instant>();
    for (const value of expired.partitions) {
      const path = this.#pathOf(value);
      partitions.set(path, await partitionCreated({ storage, folder: main.folder }, path));
    }
    const { keys, ...left } = await leaving(feedSource(feed, session, database), expired);
    const setting = leftSetting({ before: expired.before, partitions, ...left });
    await session.execute(setStatement(LEFT, setting));
    return left.rows > MOST_TOLD ? null : keys;
  }

  statement({ partitions }: Expired): Sql {
    const { feed, database } = this.options;
    return dropPartitions(tableIn(database, feed.name), feed.partitionColumn, partitions);
  }

  unset(session: SparkSession): Promise<unknown> {
    return session.execute(sql`RESET ${identifier(LEFT)}`);
  }

  /** The drop as it was committed. @throws Error when its commit does not say what left */
  async dropped(instant: Instant): Promise<Drop> {
    const { feed, drops } = this.options;
    const found = (await drops.all()).find((drop) => drop.instant === instant);
    if (found === undefined) throw new Error(`The drop ${instant} of ${feed.name} does not say what left.`);
    await drops.layAside();
    return found;
  }

  /** `2026-11-21` as the folder of its partition. */
  #pathOf(value: string): string {
    return `${this.options.feed.partitionColumn}=${value}`;
  }
}

/** One commit for all of them. */
export function dropPartitions(table: Sql, column: string, values: readonly string[]): Sql {
  const parts = values.map((value) => sql`PARTITION (${identifier(column)} = ${quotedLiteral(value)})`);
  return sql`ALTER TABLE ${table} DROP IF EXISTS ${join(parts)}`;
}

/** The keys whose rows go (the first `MOST_TOLD`), how many they are, and which of them have versions that do not go by their time. */
async function leaving(
  source: FeedSource,
  expired: Expired,
): Promise<Pick<Left, "rows" | "moved"> & { keys: string[] }> {
  const { feed, spark, versions } = source;
  const key = columnOf(feed, feed.key);
  const { source: rows, where } = expiredRows(source, expired);
  const leaves = sql`SELECT DISTINCT ${key} AS k FROM ${rows} WHERE ${allOf(where)}`;
  const counted = await spark.query(sql`SELECT count(*) FROM (${leaves})`, { deadlineMs: DEADLINE_MS });
  const count = Number(counted.rows[0]![0]);
  const keys = await textsOf(source, sql`${leaves} ORDER BY k LIMIT ${countLiteral(MOST_TOLD)}`);
  if (versions === null) return { rows: count, keys, moved: [] };
  const later = sql`${columnOf(feed, feed.eventTime)} >= ${timeLiteral(expired.before)}`;
  const moved = await textsOf(
    source,
    sql`SELECT DISTINCT ${key} FROM ${versions.sql} AS v LEFT SEMI JOIN (${leaves}) AS l ON l.k = v.${key} WHERE ${later}`,
  );
  return { rows: count, keys, moved };
}

/** Of an append feed a row is the newest version of its key. */
function expiredRows(source: FeedSource, { partitions, before, drops, head }: Expired): Relation {
  const { feed, main } = source;
  if (feed.writeMode === "append") {
    const folded = foldedRelation(source, { until: head, counted: countedVersions(feed, drops, head) });
    const isOld = sql`${columnOf(feed, feed.eventTime)} < ${timeLiteral(before)}`;
    return { source: folded.source, where: [...folded.where, isOld] };
  }
  const values = join(partitions.map(quotedLiteral));
  return { source: main.sql, where: [sql`${identifier(feed.partitionColumn)} IN (${values})`] };
}

async function textsOf({ spark }: FeedSource, statement: Sql): Promise<string[]> {
  const found: string[] = [];
  for await (const page of spark.pages(statement, { deadlineMs: DEADLINE_MS })) {
    for (const [text] of page) found.push(text as string);
  }
  return found;
}
