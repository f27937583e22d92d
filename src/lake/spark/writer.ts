/**
 * The writer of one feed on Spark: per commit one INSERT into the log and one MERGE into the state over staged Avro files, so
 * that Spark does the work and no row travels through Thrift.
 *
 * Spark gives each table's commit an instant of its own. The log's is the position; a batch id in the extra metadata of both
 * ties them together. After every statement the timeline is asked for that id, because an answer of Spark's proves nothing: a
 * statement may succeed after its connection was lost, and some answer success when nothing was committed. What the log took
 * and the state has not is merged from the log's own rows, under the same id, before anything else is written. An INSERT or a MERGE
 * that was sent before a timeline is looked at and has not begun its commit by then never does (write-permit.ts). A drop of
 * partitions takes no permit: while its answer is missing it is waited for, and one that comes later still is found and counted.
 */
import { randomUUID } from "node:crypto";
import { posix } from "node:path";
import { elapsedOf, type Clock } from "../../clock";
import { AppError } from "../../model/app-error";
import { partitionValue, type Feed } from "../../model/feed";
import type { Instant } from "../../model/instant";
import { positionOf } from "../../model/position";
import type { Row } from "../../model/value";
import { LOG_PARTITION_COLUMN } from "../hudi/feed-schema";
import { FENCE, refuseFenced } from "../hudi/fence";
import type { TableDrops } from "../hudi/table-drops";
import type { Commit, CommitRhythm, FeedWriter, OpenTerm, Recovery, StagedFile, WriteTerm } from "../writer";
import { columnOf, partitionOf } from "./column-sql";
import { KnownCommits } from "./known-commits";
import type { LakePlace } from "../storage/lake-place";
import type { SparkQueries } from "./reader/feed-source";
import type { SparkReader } from "./reader/spark-reader";
import { dropPartitions, Retention } from "./retention";
import { quotedLiteral, resetStatement, setStatement } from "./sql/literals";
import { identifier, sql, type Sql } from "./sql/sql";
import { STAGING_FOLDER } from "./staging-folder";
import { BATCH_ID, STAGED, type CompletedCommit, type TableTimeline } from "./table-timeline";
import { HEARTBEAT_EXPIRES_MS, tableIn } from "./tables";
import type { SparkSession } from "./thrift/session";
import { unavailable } from "./thrift/faults";
import { fewKeys, mayBeEqual, rangeBetween, rangeOf } from "./row-ranges";
import { batchOf, isTied, notMerged } from "./ties";
import {
  insertIntoLog,
  loggedAt,
  mergeIntoState,
  stagedVersions,
  viewOfStaged,
  within,
  type PartitionRange,
  type StateMerge,
} from "./writer-sql";
import { WritePermits } from "./write-permit";

export interface SparkWriterOptions {
  feed: Feed;
  clock: Clock;
  /** By which the past is let go. */
  retentionClock: Clock;
  /** Where the feed's tables are attached: lends the session that writes, and answers questions beside it. */
  spark: SparkQueries & { write<T>(work: (session: SparkSession) => Promise<T>): Promise<T> };
  database: string;
  /** Table of the feed's name: the state, or everything of an append feed. */
  main: TableTimeline;
  /** Null for append feeds and feeds without history. */
  log: TableTimeline | null;
  /** By which rows have left `main`. */
  drops: TableDrops;
  /** The tables' lake, with the staged files. */
  lake: LakePlace;
  /** Told of commits that failed and are undone between two of ours. */
  onUndone?: (table: string, instants: readonly Instant[]) => void;
  /** Where several processes take turns at writing. */
  openTerm?: OpenTerm;
  /** The reader of the same tables: told of each commit, and asked for what it changed. */
  reader(): Promise<SparkReader>;
}

/** Settings of the session that writes. */
export const WRITER_CONF: Readonly<Record<string, string>> = {
  // In hudi-defaults.conf it has no effect.
  "hoodie.datasource.write.commitmeta.key.prefix": "weir_",
  "hoodie.spark.sql.insert.into.operation": "insert",
  // A log holds many versions of a key.
  "hoodie.merge.allow.duplicate.on.inserts": "true",
  // Adaptive planning reads the source before Hudi requests the instant (write-permit.ts).
  "spark.sql.adaptive.enabled": "false",
  // A statement whose permit is gone fails.
  "spark.sql.files.ignoreMissingFiles": "false",
};

/** The work is Spark's, so nothing here needs a rest from it; the gap is what keeps files and timeline bounded. */
const RHYTHM: CommitRhythm = { gapMs: 2_000, rests: false };
/** What a term must still last for when a statement is sent. */
const STATEMENT_START_MS = 1_000;
/** Longest that one statement may take. */
const STATEMENT_MS = 180_000;
/** A statement whose connection was lost is ended by the server within about a second. */
const DROP_GRACE_MS = 5_000;
/** Commits in which batch ids and staged names are looked for. A staged file outlives its commit by moments. */
const COMMITS_SEARCHED = 20;
/** The same among commits of which some wrote no rows, or merged once more what was merged. */
const COMMITS_LOOKED_THROUGH = 5 * COMMITS_SEARCHED;
/** Events move between partitions while they are young; a row that is further away is not looked for (design §3). */
const MOVES_WITHIN_MS = 7 * 86_400_000;
const DAY_MS = 86_400_000;

/** Where in the state the rows of a commit may be. */
type Places = Pick<StateMerge, "partitions" | "keys">;

/** The commits of one batch in both tables. */
interface Tied {
  log: CompletedCommit;
  state: CompletedCommit;
}

export class SparkWriter implements FeedWriter {
  readonly rhythm = RHYTHM;
  readonly #options: SparkWriterOptions;
  #queue: Promise<unknown> = Promise.resolve();
  readonly #known = new KnownCommits();
  readonly #permits: WritePermits;
  readonly #retention: Retention;
  /** False until the tables were put in order, and while the outcome of a statement is not known. */
  #isSettled = false;
  /** What lets this process write now; null where no other may. */
  #term: WriteTerm | null = null;
  /** A drop whose answer is missing, and what has elapsed when it is given up. */
  #awaited: { batchId: string; until: number } | null = null;
  /** Whether drops that were laid aside may be looked through for those that nobody asks for. */
  #mayForget = false;
  /** Newest day of the log that was let go of. */
  #droppedUntil = "";
  /** The newest position. */
  #head: Instant | null = null;

  constructor(options: SparkWriterOptions) {
    this.#options = options;
    const { lake, retentionClock: clock } = options;
    this.#permits = new WritePermits(lake, options.feed);
    this.#retention = new Retention({ ...options, storage: lake.storage, clock });
  }

  recover(): Promise<Recovery> {
    return this.#exclusive(async () => {
      if (this.#term !== null) this.#known.forget(); // it was another process of ours that wrote until now
      const settled = await this.#settle();
      const commits = await this.#versions.newest(COMMITS_SEARCHED);
      return { committed: new Set(commits.flatMap(({ staged }) => staged)), ...settled };
    });
  }

  /** Spark keeps nothing of the tables between two commits. */
  prepare(): Promise<void> {
    return Promise.resolve();
  }

  commit(files: readonly StagedFile[]): Promise<Commit | null> {
    return this.#exclusive(async () => {
      const startedAt = performance.now();
      if (!this.#isSettled) await this.#settleAnew();
      await this.#refuseForeign();
      const rows = (await Promise.all(files.map((file) => file.rows()))).flat();
      if (rows.length === 0) return null;
      return this.#land(files, rows, startedAt);
    });
  }

  /** Spark cleans and archives by itself with each commit; left are its archive, the log's oldest days, and rows past their time. */
  maintain(): Promise<readonly Commit[]> {
    return this.#exclusive(async () => {
      const { feed, log, retentionClock, onUndone } = this.#options;
      for (const table of this.#tables) {
        await table.trimArchive();
        await table.refresh();
        this.#term?.assertHeld(0); // what is pending is ours to undo
        const undone = await table.rollBackDead(HEARTBEAT_EXPIRES_MS); // what began without a permit has failed
        if (undone.length > 0) onUndone?.(nameOf(table), undone);
      }
      if (!this.#isSettled) await this.#settleAnew();
      if (this.#mayForget) await this.#forgetDrops();
      if (log !== null && feed.historyMs !== null) {
        const horizon = partitionValue("day", retentionClock.now() - feed.historyMs - DAY_MS);
        await this.#dropDaysUntil(horizon, log);
      }
      return this.#dropExpired();
    });
  }

  async #dropDaysUntil(horizon: string, log: TableTimeline): Promise<void> {
    if (this.#droppedUntil >= horizon) return;
    const old = (await log.livePartitions()).filter((day) => day <= horizon);
    if (old.length > 0) await this.#dropDays(log, old);
    this.#droppedUntil = horizon;
  }

  async #dropDays(log: TableTimeline, days: readonly string[]): Promise<void> {
    await this.#refuseForeign();
    const table = tableIn(this.#options.database, nameOf(log));
    await this.#options.spark.write(async (session) => {
      await this.#begin(session, randomUUID(), []);
      await this.#run(session, dropPartitions(table, LOG_PARTITION_COLUMN, days));
    });
    await log.refresh();
    await this.#known.recognise([log], COMMITS_SEARCHED);
    this.#isSettled = true;
    const reader = await this.#options.reader();
    reader.maintained();
    this.#mayForget = true;
  }

  /** What is past the feed's retention leaves by one drop, if there is any. Empty too when more left than is told. */
  async #dropExpired(): Promise<Commit[]> {
    const { main, spark } = this.#options;
    const startedAt = performance.now();
    const from = this.#head;
    const expired = await this.#retention.expired(from);
    if (expired === null) return [];
    await this.#refuseForeign();
    if (this.#head !== from) return []; // a late drop was found: the next time counts from there
    const batchId = randomUUID();
    try {
      await spark.write((session) =>
        this.#retention.saying(session, expired, async () => {
          await this.#begin(session, batchId, []);
          await this.#run(session, this.#retention.statement(expired));
        }),
      );
    } catch (error) {
      this.#awaited = { batchId, until: elapsedOf(this.#options.clock) + DROP_GRACE_MS };
      throw error;
    }
    const { instant } = await this.#committed(main, batchId);
    const { committedAt } = await this.#retention.layAside(instant);
    this.#retention.dropped(expired.partitions);
    this.#known.end();
    this.#isSettled = true;
    const reader = await this.#options.reader();
    reader.maintained();
    reader.committed({ instant, state: instant, committedAt });
    this.#head = instant;
    this.#mayForget = true;
    if (expired.keys === null) return [];
    const range = { from: positionOf(reader.epoch, from), to: positionOf(reader.epoch, instant) };
    const { partitions, keys: del } = expired;
    const durationMs = performance.now() - startedAt;
    return [{ instant, committedAt, ...range, up: [], del, versions: 0, duplicates: 0, partitions, durationMs }];
  }

  async #forgetDrops(): Promise<void> {
    const oldest = await (await this.#options.reader()).oldestVersion();
    if (oldest !== null) await this.#options.drops.forget(oldest);
    this.#mayForget = false;
  }

  /** Waits for what was begun. Its own callers are told of faults. */
  async close(): Promise<void> {
    await this.#queue;
  }

  /** The table that takes every version: the log, the one table of an append feed, or the state of a feed without history. */
  get #versions(): TableTimeline {
    return this.#options.log ?? this.#options.main;
  }

  get #tables(): TableTimeline[] {
    const { log, main } = this.#options;
    return log === null ? [main] : [log, main];
  }

  /** One at a time, in order of calls. */
  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(() => {
      this.#term = this.#options.openTerm?.() ?? null;
      return work();
    });
    this.#queue = turn.catch(() => undefined); // the fault is the caller's; the queue goes on
    return turn;
  }

  async #land(files: readonly StagedFile[], rows: readonly Row[], startedAt: number): Promise<Commit | null> {
    const tied = await this.#options.spark.write((session) => this.#write(session, files, rows));
    this.#isSettled = true;
    this.#known.end();
    if (tied) this.#retention.wrote(tied.state.partitions);
    return tied && this.#announce(tied, rows.length, startedAt);
  }

  /** Null when the tables had every message: Spark makes a commit of no rows then. */
  async #write(session: SparkSession, files: readonly StagedFile[], rows: readonly Row[]): Promise<Tied | null> {
    const batchId = randomUUID();
    await this.#begin(
      session,
      batchId,
      files.map(({ name }) => name),
    );
    const { feed, log, main, lake } = this.#options;
    const staged = files.map(({ path }) => `${STAGING_FOLDER}/${feed.name}/${posix.basename(path)}`);
    await session.execute(viewOfStaged(feed, { url: lake.url, paths: [...staged, this.#permits.file] }));
    await this.#permits.assertHeld();
    await this.#run(session, this.#firstStatement(rows));
    const taken = await this.#committed(this.#versions, batchId);
    if (!taken.hasData) return null;
    if (log === null) return { log: taken, state: taken };
    await this.#merge(session, taken, { partitions: rangeOf(feed, rows, MOVES_WITHIN_MS), keys: fewKeys(feed, rows) });
    return { log: taken, state: await this.#committed(main, batchId) };
  }

  /** What takes the staged messages: into the log, or into the only table that there is. */
  #firstStatement(rows: readonly Row[]): Sql {
    const { feed, clock, database, log, main } = this.#options;
    const table = tableIn(database, nameOf(this.#versions));
    if (log !== null) {
      const day = new Date(clock.now()).toISOString().slice(0, 10);
      const partition = { column: LOG_PARTITION_COLUMN, value: quotedLiteral(day) };
      return insertIntoLog({ feed, table, partition, where: mayBeEqual(feed, rows) });
    }
    if (feed.writeMode === "append") {
      const partition = { column: feed.partitionColumn, value: partitionOf(feed) };
      const where = within(identifier(feed.partitionColumn), rangeOf(feed, rows, 0));
      return insertIntoLog({ feed, table, partition, where });
    }
    const versions = stagedVersions(feed);
    const state = tableIn(database, nameOf(main));
    const places = { partitions: rangeOf(feed, rows, MOVES_WITHIN_MS), keys: fewKeys(feed, rows) };
    return mergeIntoState({ feed, state, versions, ...places, skipEqual: true });
  }

  /** Brings the state to what the log took with one commit, under that commit's batch id. */
  async #merge(session: SparkSession, logged: CompletedCommit, known?: Places): Promise<void> {
    const { feed, database, log, main } = this.#options;
    await this.#begin(session, batchOf(logged), logged.staged);
    const table = tableIn(database, nameOf(log!));
    const days = { from: logged.partitions[0]!, to: logged.partitions.at(-1)! };
    const versions = loggedAt(feed, table, logged.instant, days);
    const state = tableIn(database, nameOf(main));
    const places = known ?? { partitions: await this.#eventRange(session, versions), keys: null };
    await this.#run(session, mergeIntoState({ feed, state, versions, ...places, skipEqual: false }));
  }

  /** Where in the state the keys of these versions may be. */
  async #eventRange(session: SparkSession, versions: Sql): Promise<PartitionRange> {
    const { feed } = this.#options;
    const time = columnOf(feed, feed.eventTime);
    const { rows } = await session.query(
      sql`SELECT unix_millis(min(${time})), unix_millis(max(${time})) FROM (${versions})`,
    );
    const [from, to] = rows[0]! as [bigint | null, bigint | null];
    if (from === null || to === null) {
      throw unavailable(`Spark sees no row of the log that it told to have written to ${feed.name}_log.`);
    }
    return rangeBetween(feed, Number(from) - MOVES_WITHIN_MS, Number(to) + MOVES_WITHIN_MS);
  }

  /** The commits of the next statements carry this id, and the names of the staged files that they take. */
  async #begin(session: SparkSession, batchId: string, staged: readonly string[]): Promise<void> {
    this.#isSettled = false; // until the timeline was read again
    this.#known.begin(batchId);
    await session.execute(this.#permits.view());
    await session.execute(setStatement(BATCH_ID, batchId));
    await session.execute(staged.length === 0 ? resetStatement(STAGED) : setStatement(STAGED, staged.join(",")));
    if (this.#term) await session.execute(setStatement(FENCE, String(this.#term.fence)));
  }

  /** @throws AppError engine-unavailable when the outcome is not known; the next call finds it out first */
  async #run(session: SparkSession, statement: Sql): Promise<void> {
    // Longer than this it cannot be asked: nobody knows how long the statement takes. Whoever writes next waits for its end.
    this.#term?.assertHeld(STATEMENT_START_MS);
    await session.execute(statement, { deadlineMs: STATEMENT_MS });
  }

  /**
   * The commit of a batch, which a statement has just answered to have made.
   *
   * @param before commits of the table before the statement, where the batch may have one already
   */
  async #committed(
    table: TableTimeline,
    batchId: string,
    before: ReadonlySet<Instant> = new Set(),
  ): Promise<CompletedCommit> {
    await table.refresh();
    table.assertWritable();
    const found = (await table.newest(COMMITS_SEARCHED)).find(
      (commit) => commit.batchId === batchId && !before.has(commit.instant),
    );
    if (found) {
      this.#known.add(table, found.instant);
      return found;
    }
    throw new Error(`Spark answered that it wrote ${nameOf(table)}, and no commit there carries batch ${batchId}.`);
  }

  async #announce({ log, state }: Tied, arrived: number, startedAt: number): Promise<Commit> {
    const reader = await this.#options.reader();
    reader.committed({ instant: log.instant, state: state.instant, committedAt: state.completedAt });
    const from = positionOf(reader.epoch, this.#head);
    const to = positionOf(reader.epoch, log.instant);
    this.#head = log.instant; // if the rows cannot be read now, whoever follows sees the gap before the next commit
    const up = await reader.rowsOfCommit(state);
    return {
      instant: log.instant,
      committedAt: state.completedAt,
      from,
      to,
      up,
      del: [],
      versions: log.inserted,
      duplicates: Math.max(0, arrived - log.inserted),
      partitions: state.partitions,
      durationMs: performance.now() - startedAt,
    };
  }

  /** Puts the tables in order from what the timelines say. */
  async #settle(): Promise<Pick<Recovery, "rolledBack" | "finished">> {
    const { main, drops } = this.#options;
    const [rolledBack, finished]: [Instant[], Instant[]] = [[], []];
    this.#retention.forget();
    this.#term?.assertHeld(0); // another's permit is not ours to take
    await this.#permits.renew(); // before the timelines are looked at
    for (const table of this.#tables) {
      await table.refresh();
      table.assertWritable();
      await this.#refuseFenced(table);
      this.#term?.assertHeld(0);
      // A statement whose connection was lost is ended by the server within about a second, and its heartbeat with it.
      rolledBack.push(...(await table.rollBackPending(HEARTBEAT_EXPIRES_MS)));
    }
    if (this.#known.isEmpty) for (const table of this.#tables) this.#known.addAll(table);
    else await this.#known.recognise(this.#tables, COMMITS_SEARCHED);
    for (const table of this.#tables) await this.#refuseStranger(table);
    await this.#awaitDrop();
    for (const logged of await this.#aheadOfState()) {
      const before = new Set(main.instants);
      await this.#options.spark.write((session) => this.#merge(session, logged));
      await this.#committed(main, batchOf(logged), before);
      finished.push(logged.instant);
    }
    const left = await drops.layAside();
    this.#isSettled = true;
    const written = (await this.#versions.newest(COMMITS_LOOKED_THROUGH)).find(({ hasData }) => hasData)?.instant;
    this.#head = [written ?? null, left.at(-1)?.instant ?? null].reduce(later);
    return { rolledBack, finished };
  }

  /**
   * What comes before a drop of which the answer is missing would be told apart from what comes after it wrongly.
   *
   * @throws AppError engine-unavailable while it may still come
   */
  async #awaitDrop(): Promise<void> {
    if (this.#awaited === null) return;
    const { batchId, until } = this.#awaited;
    const hasCome = (await this.#options.main.newest(COMMITS_SEARCHED)).some((commit) => commit.batchId === batchId);
    if (!hasCome && elapsedOf(this.#options.clock) < until) {
      throw unavailable(`Whether rows of ${this.#options.feed.name} have left for their age is not known yet.`);
    }
    this.#awaited = null;
  }

  /**
   * Commits of the log, oldest first, that the state has not: from the oldest one on that is missing, with all that came after
   * it, because of equal versions of a key the last one counts. (Merging them all twice changes nothing. One that was merged
   * before its predecessor was made up for counts as missing.)
   *
   * @throws AppError read-only when the state's newest commit is not of the log
   */
  async #aheadOfState(): Promise<CompletedCommit[]> {
    const { log, main } = this.#options;
    if (log === null) return [];
    const isMerge = ({ altersSchema, dropsPartitions }: CompletedCommit) => !altersSchema && !dropsPartitions;
    let inState = await main.newest(COMMITS_LOOKED_THROUGH);
    if (!inState.some(isMerge)) inState = await main.newest(Infinity);
    const inLog = await log.newest(COMMITS_LOOKED_THROUGH);
    const newest = inState.find(isMerge);
    // Where drops are all that its timeline has left, what they came after was merged: nothing is dropped before that.
    const merged = newest === undefined && inState.at(-1)?.dropsPartitions ? inState.at(-1)!.instant : "";
    if (newest && !inLog.some((logged) => isTied(logged, newest))) await this.#refuseUntied(newest);
    const oldestFirst = inLog.filter(({ hasData, instant }) => hasData && instant > merged).slice(0, COMMITS_SEARCHED).reverse(); // prettier-ignore
    if (notMerged(oldestFirst, inState).length === 0) return [];
    const live = new Set(await log.livePartitions());
    const isLive = ({ partitions }: CompletedCommit) => partitions.some((day) => live.has(day));
    return notMerged(oldestFirst.filter(isLive), inState);
  }

  /** Behind many commits without rows it may be tied all the same, and what has left the log's timeline proves nothing. */
  async #refuseUntied(newest: CompletedCommit): Promise<void> {
    const { log, main } = this.#options;
    const oldest = log!.instants[0];
    if (oldest !== undefined && newest.instant < oldest) return;
    if ((await log!.newest(Infinity)).some((logged) => isTied(logged, newest))) return;
    throw this.#foreign(main, newest.instant);
  }

  /** @throws AppError read-only when somebody else has committed since our first look */
  async #refuseForeign(): Promise<void> {
    let isLate = false;
    for (const table of this.#tables) {
      await table.refresh();
      table.assertWritable();
      await this.#refuseFenced(table);
      if ((await this.#refuseStranger(table)) && table === this.#options.main) isLate = true;
    }
    if (!isLate) return;
    // Rows left by it: it is a position, and whoever follows is to find them gone before what comes next.
    this.#isSettled = false;
    await this.#settleAnew();
  }

  async #settleAnew(): Promise<void> {
    await this.#settle();
    (await this.#options.reader()).maintained();
  }

  async #refuseFenced(table: TableTimeline): Promise<void> {
    if (this.#term) refuseFenced(await fenceIn(table), this.#term, nameOf(table));
  }

  /** The greatest number of a lease that the tables carry. */
  async newestFence(): Promise<number> {
    return Math.max(...(await Promise.all(this.#tables.map(fenceIn))));
  }

  /** @returns whether a drop of ours has come late */
  async #refuseStranger(table: TableTimeline): Promise<boolean> {
    const { stranger, hasLateDrop } = await this.#known.unknown(table);
    if (stranger !== null) throw this.#foreign(table, stranger);
    return hasLateDrop;
  }

  #foreign(table: TableTimeline, instant: Instant): AppError {
    return new AppError(
      "read-only",
      `Another job has written to ${nameOf(table)} (commit ${instant}). Two writers lose each other's rows, so Weir has stopped writing; nothing that was accepted is lost. End the other job, or follow its table with WEIR_WRITER=none.`,
    );
  }
}

const fenceIn = async (table: TableTimeline): Promise<number> =>
  Math.max(0, ...(await table.newest(COMMITS_SEARCHED)).map(({ fence }) => fence));

const later = (a: Instant | null, b: Instant | null): Instant | null => (a === null || (b !== null && b > a) ? b : a);

const nameOf = ({ folder }: TableTimeline): string => posix.basename(folder);
