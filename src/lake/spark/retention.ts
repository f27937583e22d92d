/**
 * Rows of a feed that are past its retention, on Spark: found by queries, and let go of by one statement that drops their partitions
 * of the main table. What the drop's commit says of itself is what the embedded engine's drops say (`hudi/drops.ts`).
 */
import { elapsedOf, type Clock } from "../../clock";
import { MAX_AHEAD_MS, type Feed } from "../../model/feed";
import { instantAt, type Instant } from "../../model/instant";
import { dayOrHour, leftSetting, LEFT, MOST_TOLD, type Drop, type Left } from "../hudi/drops";
import { endsBy, expiredBefore, leftBefore, nextToGo } from "../hudi/expiry";
import { partitionCreated } from "../hudi/table";
import type { TableDrops } from "../hudi/table-drops";
import type { Storage } from "../storage/storage";
import { columnOf } from "./column-sql";
import { countedVersions } from "./reader/counted-versions";
import { feedSource, type FeedSource, type SparkQueries } from "./reader/feed-source";
import { allOf, timeLiteral } from "./reader/filter-sql";
import { commitDates } from "./reader/old-commits";
import { foldedRelation, type Relation } from "./reader/snapshot-sql";
import { countLiteral, MOST_OF_SETTING, quotedLiteral, resetStatement, setStatement } from "./sql/literals";
import { identifier, join, sql, type Sql } from "./sql/sql";
import type { TableTimeline } from "./table-timeline";
import { tableIn } from "./tables";
import type { SparkSession } from "./thrift/session";

const DEADLINE_MS = 120_000;

/** Partitions that go by one drop: what its commit says of them has to fit into a setting. */
const MOST_PARTITIONS = 200;
/** After a drop could not be prepared, and between two drops of rows that came when their time was over already. */
const PAUSE_MS = 600_000;
/** Keys that one drop may name: more would not fit into a setting. */
const MOST_MOVED = 100_000;

export interface RetentionOptions {
  feed: Feed;
  database: string;
  main: TableTimeline;
  /** By which rows have left `main`. */
  drops: TableDrops;
  storage: Storage;
  clock: Clock;
  /** For questions: the session that writes is for all feeds. */
  spark: SparkQueries;
}

/** What goes by the next drop. */
export interface Expired {
  /** Values of the partition column, ascending. */
  partitions: readonly string[];
  /** Value of the setting by which the drop's commit says what left. */
  setting: string;
  /** The keys that leave; null when they are more than are told. */
  keys: string[] | null;
}

/** What is past its time. */
interface Past {
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
  /** What has elapsed when the next try may be made, and the next drop of late rows. */
  #pausedUntil = -Infinity;
  #lateAfter = -Infinity;
  #mostPartitions = MOST_PARTITIONS;

  constructor(private readonly options: RetentionOptions) {}

  /** A commit has written to partitions. */
  wrote(partitions: readonly string[]): void {
    for (const value of partitions) this.#live?.add(value);
  }

  /** A drop has let go of partitions. */
  dropped(partitions: readonly string[]): void {
    for (const value of partitions) this.#live?.delete(value);
    this.#lateAfter = elapsedOf(this.options.clock) + PAUSE_MS;
    this.#mostPartitions = MOST_PARTITIONS;
  }

  /** Somebody else may have written, or it is not known what a statement did. */
  forget(): void {
    this.#live = null;
  }

  /**
   * Finds out what leaves next, the oldest partitions first; null when there is nothing to let go.
   *
   * @throws Error when it cannot be said what leaves: nothing is tried again for a while then
   */
  async expired(head: Instant | null): Promise<Expired | null> {
    const { feed } = this.options;
    if (feed.retentionMs === null || head === null || elapsedOf(this.options.clock) < this.#pausedUntil) return null;
    const past = await this.#past(feed.retentionMs, head);
    if (past === null) return null;
    try {
      return await this.#prepared(past);
    } catch (error) {
      this.#pausedUntil = elapsedOf(this.options.clock) + PAUSE_MS;
      throw error;
    }
  }

  async #past(retentionMs: number, head: Instant): Promise<Past | null> {
    const { feed, main, drops, clock } = this.options;
    const now = clock.now();
    const live = (this.#live ??= new Set(await main.livePartitions()));
    const paths = [...live].map((value) => this.#pathOf(value));
    const endBy = (time: number) => paths.some((path) => endsBy(path, time));
    // Without a look at the drops: they change nothing while the clock goes on.
    if (!endBy(expiredBefore(feed, { now, retentionMs }, []))) return null;
    const known = await drops.all();
    const all = expiredBefore(feed, { now, retentionMs }, known);
    const last = leftBefore(known);
    if (all === last && elapsedOf(this.options.clock) < this.#lateAfter) return null;
    const next = nextToGo(paths, { all, last, most: this.#mostPartitions });
    const partitions = next.partitions.map(dayOrHour);
    return { partitions, before: next.before, drops: known, head };
  }

  async #prepared(past: Past): Promise<Expired> {
    const { feed, database, main, storage, spark } = this.options;
    const made = new Map<string, Instant>();
    for (const value of past.partitions) {
      const path = this.#pathOf(value);
      made.set(path, await partitionCreated({ storage, folder: main.folder }, path));
    }
    const { keys, ...left } = await leaving(feedSource(feed, spark, database), past);
    const setting = leftSetting({ before: past.before, partitions: made, ...left });
    if (left.moved.length > MOST_MOVED || setting.length > MOST_OF_SETTING) {
      this.#mostPartitions = Math.max(1, Math.floor(this.#mostPartitions / 2));
      throw new Error(
        `Rows of ${feed.name} that are past their time stay: ${left.moved.length} of them had happened later by an earlier message, more than the commit that lets them go can name.`,
      );
    }
    return { partitions: past.partitions, setting, keys };
  }

  /** In the session that writes: the one commit that the work makes says what left. */
  async saying(session: SparkSession, { setting }: Expired, work: () => Promise<void>): Promise<void> {
    await session.execute(setStatement(LEFT, setting));
    try {
      await work();
    } finally {
      if (session.usable) await session.execute(resetStatement(LEFT));
    }
  }

  statement({ partitions }: Expired): Sql {
    const { feed, database } = this.options;
    return dropPartitions(tableIn(database, feed.name), feed.partitionColumn, partitions);
  }

  /** Lays a drop of ours aside, and gives it as it was committed. @throws Error when its commit does not say what left */
  async layAside(instant: Instant): Promise<Drop> {
    const { feed, drops } = this.options;
    const found = (await drops.layAside()).find((drop) => drop.instant === instant);
    if (found === undefined) throw new Error(`The drop ${instant} of ${feed.name} does not say what left.`);
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

/** The keys whose rows go (null: too many), how many they are, and which of them have versions that do not go by their time. */
async function leaving(source: FeedSource, past: Past): Promise<Pick<Left, "rows" | "moved"> & Pick<Expired, "keys">> {
  const { feed, spark, versions } = source;
  const key = columnOf(feed, feed.key);
  const { source: rows, where } = pastRows(source, past);
  const leaves = sql`SELECT DISTINCT ${key} AS k FROM ${rows} WHERE ${allOf(where)}`;
  const keys = await textsOf(source, sql`${leaves} ORDER BY k LIMIT ${countLiteral(MOST_TOLD + 1)}`);
  const areTold = keys.length <= MOST_TOLD;
  const counted = areTold
    ? null
    : await spark.query(sql`SELECT count(*) FROM (${leaves})`, { deadlineMs: DEADLINE_MS });
  const told = { rows: counted === null ? keys.length : Number(counted.rows[0]![0]), keys: areTold ? keys : null };
  if (versions === null) return { ...told, moved: [] };
  const later = sql`${columnOf(feed, feed.eventTime)} >= ${timeLiteral(past.before)}`;
  const moved = await textsOf(
    source,
    sql`SELECT DISTINCT ${key} FROM ${versions.sql} AS v LEFT SEMI JOIN (${leaves}) AS l ON l.k = v.${key}
      WHERE ${allOf([later, commitDates(source, { from: instantAt(past.before - MAX_AHEAD_MS) })])} LIMIT ${countLiteral(MOST_MOVED + 1)}`,
  );
  return { ...told, moved };
}

/** Of an append feed a row is the newest version of its key. */
function pastRows(source: FeedSource, { partitions, before, drops, head }: Past): Relation {
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
