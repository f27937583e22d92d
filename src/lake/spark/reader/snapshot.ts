/**
 * Rows of a position: from the state's slices while they are kept, from the log beyond that; both give the same.
 *
 * Cleaners run while queries do. An answer counts only when no clean was begun between the decision where to read and the last
 * row: Hudi lists what is there, and would leave out in silence what a clean has just taken.
 */
import { AppError } from "../../../model/app-error";
import { MAX_AHEAD_MS, partitionValue } from "../../../model/feed";
import { EVERYTHING, type Filter } from "../../../model/filter";
import { instantAt, timeOf, type Instant } from "../../../model/instant";
import type { WireValue } from "../../../model/value";
import type { Drop } from "../../hudi/drops";
import { isInPin, type PinRecord } from "../../pins/pin-files";
import type { SparkPins } from "../pins";
import { sql, type Sql } from "../sql/sql";
import type { SparkRow } from "../thrift/columns";
import { SparkError } from "../thrift/faults";
import { hasState, type FeedSource, type QueryLimits } from "./feed-source";
import { countedVersions } from "./counted-versions";
import { valueCondition } from "./filter-sql";
import { NewestPartitions } from "./newest-partitions";
import { COMMIT_TIME } from "./old-commits";
import type { Positions, Removals, StateClean } from "./positions";
import { instantLiteral } from "./procedures";
import {
  changedVersions,
  committedBefore,
  countOfNewest,
  foldedRelation,
  incrementsOf,
  keysOnlyIn,
  selection,
  stateRelation,
  unknownKey,
  writtenBy,
  type Relation,
  type Selection,
  type VersionsRange,
} from "./snapshot-sql";
import { selected, toWireRows, wireColumns, type WireColumn } from "./wire-columns";

const DAY_MS = 86_400_000;
/** Plans that may find files gone before the caller is told. */
const MAX_PLANS = 4;
/** Loads of the hot window are minutes of work for a small server. */
const DEADLINE_MS = 120_000;

/** Where the rows of a position are. */
interface Plan {
  relation: Relation;
  /** The commit of the state that it reads; null when it folds the log. */
  state: Instant | null;
  /** Versions before the filter's time were left out, which has to prove right. */
  partly: boolean;
  /** The pin that it reads, where neither state nor log have the position any more. */
  pin: PinRecord | null;
}

/** What an answer relies on: looks from before its plan was made. */
interface Reliance {
  clean: StateClean | null;
  removals: Removals | null;
  /** By which rows had left, where present files of tables are read at a position of the past. */
  drops: readonly Drop[] | null;
  /** The commit of the state that is read. */
  state: Instant | null;
  /** The pin that is read. */
  pin: Instant | null;
}

export class Snapshots {
  /** Whether the state has no row from before a reach of the log. */
  #agrees: { reach: Instant; answer: Promise<boolean> } | null = null;
  readonly #newest: NewestPartitions;

  constructor(
    private readonly source: FeedSource,
    private readonly positions: Positions,
    /** Null where nothing can be pinned. */
    private readonly pins: SparkPins | null,
  ) {
    this.#newest = new NewestPartitions(source);
  }

  /** Null: gone. */
  rows(
    instant: Instant | "0",
    asked: Selection,
    columns: readonly WireColumn[],
    limits: QueryLimits = {},
  ): Promise<WireValue[][] | null> {
    if (instant === "0" || asked.limit <= 0) return Promise.resolve([]);
    return this.#undisturbed(async (reliance) => {
      const plan = await this.#plan(instant, asked.filter, reliance, true);
      if (plan === null) return null;
      if (plan.state !== null && isOpen(asked)) await this.#narrow(plan.relation, plan.state, asked.limit);
      if (!plan.partly) {
        const found = await this.#run(plan.relation, asked, columns, limits);
        return plan.pin === null || isInPin(plan.pin, asked, found.length) ? found : null;
      }
      const rows = await this.#runProven(plan.relation, asked, columns, limits);
      if (rows !== null) return rows;
      const whole = await this.#plan(instant, asked.filter, reliance, false);
      return whole && this.#run(whole.relation, asked, columns, limits);
    });
  }

  /** How many of the newest rows match; null: gone. */
  async count(instant: Instant | "0", filter: Filter, within: number): Promise<number | null> {
    if (instant === "0" || within <= 0) return 0;
    const { feed } = this.source;
    const rows = await this.summary(instant, within, (relation) => countOfNewest(feed, relation, filter, within));
    return rows && Number(rows[0]![0]);
  }

  /** The few rows of a statement over what is at a position, as `on`; null: gone. */
  summary(instant: Instant, within: number, statement: (relation: Relation) => Sql): Promise<SparkRow[] | null> {
    return this.on(instant, within, async (relation) => {
      const { rows } = await this.source.spark.query(statement(relation), { deadlineMs: DEADLINE_MS });
      return rows;
    });
  }

  /**
   * Does something with what is at a position, again when files of it were removed meanwhile; null: gone.
   *
   * @param within so many of the newest rows are what it is about
   */
  on<T>(instant: Instant, within: number, work: (relation: Relation) => Promise<T>): Promise<T | null> {
    return this.#undisturbed(async (reliance) => {
      const plan = await this.#plan(instant, EVERYTHING, reliance, false);
      if (plan === null) return null;
      const asked = { filter: EVERYTHING, limit: within };
      if (plan.pin !== null && !isInPin(plan.pin, asked, plan.pin.rows)) return null;
      return work(plan.relation);
    });
  }

  /**
   * The rows of the state at `until` that changed after `since`, at most `limit` of them; null: gone.
   *
   * `hudi_table_changes` answers with part of the rows, and no error, when it begins before the oldest commit of the timeline:
   * it is asked only for two positions that are both on it.
   */
  changes(since: Instant, until: Instant, limit: number): Promise<WireValue[][] | null> {
    return this.#undisturbed(async (reliance) => {
      const relation = await this.#changesRelation(since, until, reliance);
      return relation && this.#run(relation, { filter: EVERYTHING, limit }, wireColumns(this.source.feed));
    });
  }

  /** Keys that had a row at `since` and have none at `until`: rows leave by drops alone. At most `limit`; null: gone. */
  async left(since: Instant, until: Instant, limit: number): Promise<string[] | null> {
    if (!(await this.#isAcrossDrop(since, until))) return [];
    const { feed, spark } = this.source;
    return this.on(since, Infinity, (before) =>
      this.on(until, Infinity, async (after) => {
        const pages = spark.pages(keysOnlyIn(feed, before, after, limit), { deadlineMs: DEADLINE_MS });
        const found: string[] = [];
        for await (const page of pages) for (const [key] of page) found.push(key as string);
        return found;
      }),
    );
  }

  async #isAcrossDrop(since: Instant, until: Instant): Promise<boolean> {
    return (await this.positions.drops()).some(({ instant }) => instant > since && instant <= until);
  }

  async #counted(until: Instant): Promise<Sql | null> {
    return countedVersions(this.source.feed, await this.positions.drops(), until);
  }

  /** The rows that the newest commit of the state wrote. No cleaner takes the slices that they are in. */
  ofCommit({ instant, partitions }: { instant: Instant; partitions: readonly string[] }): Promise<WireValue[][]> {
    if (partitions.length === 0) return Promise.resolve([]);
    const relation = writtenBy(this.source, instant, partitions);
    const everything = { filter: EVERYTHING, limit: Number.MAX_SAFE_INTEGER };
    return this.#run(relation, everything, wireColumns(this.source.feed));
  }

  /** Null: gone. */
  async #changesRelation(since: Instant, until: Instant, reliance: Reliance): Promise<Relation | null> {
    const to = await this.positions.readableState(until);
    if (to !== null) {
      reliance.clean = to.clean;
      reliance.state = to.state;
      const from = await this.#stateOnTimeline(since);
      // Where files were replaced, increments are not asked.
      if (from !== null && (await this.#isAcrossDrop(since, until))) return stateSince(this.source, to.state, from);
      if (from !== null) return incrementsOf(this.source, from, to.state);
      if (this.source.versions === null) return stateSince(this.source, to.state, since);
    }
    if (this.source.versions === null) return null;
    reliance.removals = await this.positions.removals();
    reliance.drops = await this.positions.drops();
    const reach = await this.positions.reach();
    if (reach === null || until < reach) return null;
    // What changed may have lost to a version that left the log.
    const range = await this.#range(until, reach, EVERYTHING, false);
    return range && changedVersions(this.source, since, range);
  }

  async #stateOnTimeline(instant: Instant): Promise<Instant | null> {
    if (!hasState(this.source)) return null;
    const pair = (await this.positions.recent()).find((known) => known.instant === instant);
    return pair ? this.positions.pairs.stateOf(pair) : null;
  }

  async #run(
    relation: Relation,
    asked: Selection,
    columns: readonly WireColumn[],
    limits: QueryLimits = {},
  ): Promise<WireValue[][]> {
    const statement = selection(this.source.feed, relation, selected(columns), asked);
    const found: WireValue[][] = [];
    for await (const page of this.source.spark.pages(statement, { deadlineMs: DEADLINE_MS, ...limits })) {
      for (const row of toWireRows(columns, page)) found.push(row);
    }
    return found;
  }

  /**
   * Rows from recent versions alone; null when they prove not to be enough. Versions that were left out have ordering values
   * before `from`, so they cannot win against rows whose own is not. (An event whose time moved forward may have its newest
   * version among them.)
   */
  async #runProven(
    relation: Relation,
    asked: Selection,
    columns: readonly WireColumn[],
    limits: QueryLimits,
  ): Promise<WireValue[][] | null> {
    const { feed } = this.source;
    const [ordering] = wireColumns(feed, [feed.ordering]);
    const { type } = feed.fields[feed.ordering]!;
    const rows = await this.#run(relation, asked, [...columns, ordering!], limits);
    const orderings = rows.map((row) => row.pop()!);
    if (type.kind !== "timestamp") return orderings.length === 0 ? rows : null;
    const least = type.unit === "millis" ? asked.filter.from! : asked.filter.from! * 1000;
    return orderings.every((value) => Number(value) >= least) ? rows : null;
  }

  async #narrow(relation: Relation, state: Instant, limit: number): Promise<void> {
    relation.where = [...relation.where, await this.#newest.of(state, limit)];
  }

  /** Null: gone. */
  async #plan(instant: Instant, filter: Filter, reliance: Reliance, prune: boolean): Promise<Plan | null> {
    const ofTables = await this.#planOfTables(instant, filter, reliance, prune);
    if (ofTables !== null || this.pins === null) return ofTables;
    const pin = await this.pins.find(instant);
    reliance.pin = pin && instant;
    return pin && { relation: await this.pins.relation(pin), state: null, partly: false, pin };
  }

  /** Null: neither state nor log have it any more. */
  async #planOfTables(instant: Instant, filter: Filter, reliance: Reliance, prune: boolean): Promise<Plan | null> {
    const head = await this.positions.headFrom(instant);
    if (head === null || instant > head.instant) return null;
    const readable = await this.positions.readableState(instant);
    if (readable !== null) {
      const { state } = readable;
      reliance.clean = readable.clean;
      reliance.state = state;
      return { relation: stateRelation(this.source, state, filter), state, partly: false, pin: null };
    }
    reliance.removals = await this.positions.removals();
    reliance.drops = await this.positions.drops();
    const reach = await this.positions.reach();
    if (this.source.versions === null || reach === null || instant < reach) return null;
    const range = await this.#range(instant, reach, filter, prune);
    if (range === null) return null;
    return { relation: foldedRelation(this.source, range), state: null, partly: range.from !== undefined, pin: null };
  }

  /** Which versions make the rows that a filter asks for; null when some of them are gone. */
  async #range(until: Instant, reach: Instant, filter: Filter, prune: boolean): Promise<VersionsRange | null> {
    const { feed } = this.source;
    if (await this.#isLost(until, reach, filter)) return null;
    const onKey = filter.columns.filter(({ field }) => field === feed.key);
    const keys = valueCondition(feed, { text: null, columns: onKey });
    const range: VersionsRange = { until, keys, counted: await this.#counted(until) };
    if (!(await this.#isWhole(reach, filter))) {
      range.lostBefore = reach;
      const before = { ...filter, to: Math.min(filter.to ?? Infinity, timeOf(reach) + MAX_AHEAD_MS) };
      const unknown = await this.source.spark.query(unknownKey(this.source, { ...range, keys: null }, before));
      return unknown.rows.length === 0 ? range : null;
    }
    if (prune && filter.from !== null && hasState(this.source)) {
      const from = instantAt(Math.max(0, filter.from - MAX_AHEAD_MS));
      if (from > reach) range.from = from;
    }
    return range;
  }

  /** Whether rows that a filter asks for have left since, of which the log has not everything: the state has them no more. */
  async #isLost(until: Instant, reach: Instant, { from, to }: Filter): Promise<boolean> {
    const { granularity, partitionColumn } = this.source.feed;
    const later = (await this.positions.drops()).filter(({ instant }) => instant > until);
    if (!hasState(this.source)) return later.length > 0; // what its one table let go of is nowhere else
    return later.some(({ partitions }) =>
      [...partitions].some(([partition, created]) => {
        const value = partition.slice(partitionColumn.length + 1);
        const isAsked =
          (from === null || value >= partitionValue(granularity, from)) &&
          (to === null || value <= partitionValue(granularity, to));
        return created < reach && isAsked;
      }),
    );
  }

  /**
   * Whether the log has all versions of the events that the filter asks for. It has when they happened later than a day after
   * its oldest commit, or when nothing was ever removed: whole days go once they are older than the history, so nothing has
   * gone while the day before the oldest one has not reached that age.
   */
  async #isWhole(reach: Instant, filter: Filter): Promise<boolean> {
    const { feed } = this.source;
    if (!hasState(this.source) || feed.historyMs === null) return true;
    const safe = partitionValue(feed.granularity, timeOf(reach) + MAX_AHEAD_MS);
    if (filter.from !== null && partitionValue(feed.granularity, filter.from) > safe) return true;
    const head = await this.positions.head();
    const oldestDay = Math.floor(timeOf(reach) / DAY_MS) * DAY_MS;
    if (head === null || oldestDay <= timeOf(head.instant) - feed.historyMs) return false;
    return this.#stateAgrees(reach);
  }

  /** The history may have been shorter once: then the state still has rows from before the log's oldest commit. */
  #stateAgrees(reach: Instant): Promise<boolean> {
    if (this.#agrees?.reach !== reach) {
      const answer = this.source.spark.query(committedBefore(this.source, reach)).then(({ rows }) => rows.length === 0);
      this.#agrees = { reach, answer };
      answer.catch(() => {
        if (this.#agrees?.answer === answer) this.#agrees = null;
      });
    }
    return this.#agrees.answer;
  }

  /** Asks again when something was removed meanwhile. */
  async #undisturbed<T>(ask: (reliance: Reliance) => Promise<T>): Promise<T> {
    for (let attempt = 1; attempt <= MAX_PLANS; attempt++) {
      const reliance: Reliance = { clean: null, removals: null, drops: null, state: null, pin: null };
      const answer = await this.#unlessGone(() => ask(reliance), reliance);
      if (!(await this.#isDisturbed(reliance)) && answer !== null) return answer.value;
    }
    throw new AppError(
      "engine-unavailable",
      `Files of ${this.source.feed.name} were removed under the query ${MAX_PLANS} times in a row. Ask again.`,
      { retryAfterMs: 1_000 },
    );
  }

  async #isDisturbed({ clean, removals, drops }: Reliance): Promise<boolean> {
    if (clean !== null && (await this.positions.isCleanedSince(clean))) return true;
    if (drops !== null && (await this.positions.isDroppedSince(drops))) return true;
    return removals !== null && this.positions.isRemovedSince(removals);
  }

  /** Null when Spark found that a file was gone, or that the state had not all columns yet. */
  async #unlessGone<T>(ask: () => Promise<T>, reliance: Reliance): Promise<{ value: T } | null> {
    try {
      return { value: await ask() };
    } catch (error) {
      if (isMissingFile(error)) {
        if (reliance.pin !== null) await this.pins?.lacks(reliance.pin);
        return null;
      }
      if (reliance.state !== null && isUnknownColumn(error)) {
        this.positions.lacksColumns(reliance.state);
        return null;
      }
      throw error;
    }
  }
}

/** Whether the newest rows of everything are asked for. */
const isOpen = ({ filter, after }: Selection): boolean =>
  after === undefined &&
  filter.from === null &&
  filter.to === null &&
  filter.text === null &&
  filter.columns.length === 0;

/** For a feed without history: rows of its slices, each of which tells when it was committed. */
function stateSince(source: FeedSource, state: Instant, since: Instant): Relation {
  const relation = stateRelation(source, state, EVERYTHING);
  return { ...relation, where: [...relation.where, sql`${COMMIT_TIME} > ${instantLiteral(since)}`] };
}

const isUnknownColumn = (error: unknown): boolean =>
  error instanceof SparkError && (error.errorClass ?? "").startsWith("UNRESOLVED_COLUMN");

/** Spark tells it in words only, in the depths of the cause. */
const isMissingFile = (error: unknown): boolean =>
  error instanceof SparkError &&
  /FileNotFoundException|Cleaner cleaned up the timestamp|does not exist/.test(
    `${error.message} ${error.cause instanceof Error ? error.cause.message : ""}`,
  );
