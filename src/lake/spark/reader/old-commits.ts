/**
 * Positions whose commits have left the timeline, from the rows of the log: a day of commits is one partition, so that few
 * files are read for a day that somebody asks for, and only the column of commit times.
 */
import { instantAt, timeOf, type Instant } from "../../../model/instant";
import { instantLiteral } from "./procedures";
import { hasState, type FeedSource } from "./feed-source";
import { identifier, sql, type Sql } from "../sql/sql";
import { quotedLiteral } from "../sql/literals";
import { allOf } from "./filter-sql";

const DAY_MS = 86_400_000;
/** Days whose commits are remembered, 8 bytes each. */
const DAYS_KEPT = 64;

export const COMMIT_TIME: Sql = identifier("_hoodie_commit_time");
const COMMIT_DATE: Sql = identifier("commit_date");

/** Epoch days, UTC. */
export const dayOf = (instant: Instant): number => Math.floor(timeOf(instant) / DAY_MS);
const dayText = (day: number): string => new Date(day * DAY_MS).toISOString().slice(0, 10);

interface Day {
  /** Commits until here were there to be seen. */
  until: Instant;
  times: Float64Array;
}

export class OldCommits {
  readonly #days = new Map<number, Promise<Day>>();
  #oldest: Promise<Instant | null> | null = null;

  constructor(private readonly source: FeedSource) {}

  /** Rows may have been removed since. */
  forget(): void {
    this.#oldest = null;
    this.#days.clear();
  }

  /** The commit of the oldest row that there is; null without rows. */
  oldest(): Promise<Instant | null> {
    if (this.#oldest === null) {
      const oldest = this.#findOldest();
      this.#oldest = oldest;
      oldest.catch(() => {
        if (this.#oldest === oldest) this.#oldest = null;
      });
    }
    return this.#oldest;
  }

  /** Commits of one day until an instant (which may lie before its end), oldest first. */
  async ofDay(day: number, until: Instant): Promise<Instant[]> {
    let found = this.#days.get(day);
    const needed = until < instantAt((day + 1) * DAY_MS) ? until : instantAt((day + 1) * DAY_MS - 1);
    if (found === undefined || (await found).until < needed) {
      found = this.#read(day, until);
      this.#days.set(day, found);
      found.catch(() => this.#days.delete(day));
      if (this.#days.size > DAYS_KEPT) this.#days.delete(this.#days.keys().next().value!);
    }
    return [...(await found).times].map((ms) => instantAt(ms)).filter((instant) => instant <= until);
  }

  async #read(day: number, until: Instant): Promise<Day> {
    const { spark, versions } = this.source;
    const [from, to] = [instantAt(day * DAY_MS), instantAt((day + 1) * DAY_MS)];
    const where = allOf([
      sql`${COMMIT_TIME} >= ${instantLiteral(from)}`,
      sql`${COMMIT_TIME} < ${instantLiteral(to)}`,
      sql`${COMMIT_TIME} <= ${instantLiteral(until)}`,
      commitDates(this.source, { from, to }),
    ]);
    const { rows } = await spark.query(
      sql`SELECT DISTINCT CAST(${COMMIT_TIME} AS STRING) FROM ${versions!.sql} WHERE ${where}`,
    );
    const times = Float64Array.from(rows, ([time]) => timeOf(String(time))).sort();
    return { until, times };
  }

  async #findOldest(): Promise<Instant | null> {
    const { spark, versions } = this.source;
    if (!hasState(this.source)) return this.#leastOf(sql`TRUE`);
    const { rows } = await spark.query(sql`SHOW PARTITIONS ${versions!.sql}`);
    const days = rows.map(([partition]) => String(partition).replace(/^.*=/, "")).sort();
    for (const day of days) {
      const least = await this.#leastOf(sql`${COMMIT_DATE} = ${quotedLiteral(day)}`);
      if (least !== null) return least;
    }
    return null;
  }

  async #leastOf(where: Sql): Promise<Instant | null> {
    const { spark, versions } = this.source;
    const { rows } = await spark.query(sql`SELECT min(${COMMIT_TIME}) FROM ${versions!.sql} WHERE ${where}`);
    const [[least] = [null]] = rows;
    return least === null || least === undefined ? null : String(least);
  }
}

/**
 * The condition on the log's partitions for commits of a range of time, or null for an append feed, whose partitions are of
 * events. A commit is filed under the day on which its writer began it, by the writer's clock: a day on either side may be it.
 */
export function commitDates(source: FeedSource, { from, to }: { from?: Instant; to?: Instant }): Sql | null {
  if (!hasState(source)) return null;
  return allOf([
    from === undefined ? null : sql`${COMMIT_DATE} >= ${quotedLiteral(dayText(dayOf(from) - 1))}`,
    to === undefined ? null : sql`${COMMIT_DATE} <= ${quotedLiteral(dayText(dayOf(to) + 1))}`,
  ]);
}
