/**
 * The embedded engine's writer of one feed: log and state under one instant.
 *
 * A commit loads the messages into DuckDB, drops those that the log has, decides per key what the state becomes, and
 * writes the files of both tables side by side. Order of effects: data files, then the log's commit, then the state's. What
 * stops before the log's commit is rolled back; what stops after it is finished from the log's own rows under the same
 * instant, at once if the fault passed, else before the next commit or at the next start.
 */
import { BOOLEAN, DuckDBDataChunk, INTEGER, VARCHAR, type DuckDBConnection, type DuckDBType } from "@duckdb/node-api";
import type { Clock } from "../../clock";
import { eventTimeOf, keyOf, partitionValue, rankOf, type Feed } from "../../model/feed";
import { nextInstant, timeOf, type Instant } from "../../model/instant";
import { positionOf } from "../../model/position";
import type { Row } from "../../model/value";
import { newFileId } from "../hudi/base-file";
import { epochOf } from "../hudi/epoch";
import { rollBackPending } from "../hudi/rollback";
import type { HudiTable } from "../hudi/table";
import { WRITTEN_VERSION } from "../hudi/table-properties";
import { Transaction } from "../hudi/transaction";
import type { Commit, FeedWriter, Recovery, StagedFile } from "../writer";
import { canonicalRows, createBatchTable, loadBatch } from "./batch";
import { maintainTable } from "./clean";
import { hudiSchema, LOG_PARTITION_COLUMN } from "./column-types";
import type { Engine } from "./connection";
import { GroupIndex, type Group } from "./index-groups";
import { distinctRows, GROUP_ROWS, planState, type Incoming, type StatePlan, type Stored } from "./merge";
import { writeFile, type FileSource } from "./writer-files";
import { equalRows, loadLoggedRows, slicesOf, storedRows } from "./writer-lookup";
import { planAppend, planUpsert, type FilePlan, type PlanContext } from "./writer-plan";

export interface WriterOptions {
  feed: Feed;
  engine: Engine;
  clock: Clock;
  /** Table of the feed's name: the state, or everything of an append feed. */
  main: HudiTable;
  /** Null for append feeds and feeds without history. */
  log: HudiTable | null;
  /** How long superseded slices and timelines are kept, ms. */
  retainMs: number;
  /** Bound of each index in memory. */
  maxIndexedRows?: number;
  /** Rows at which a file group takes no more. */
  groupRows?: number;
}

/** Names of staged files that recovery looks for: a file outlives its commit by moments, so the newest commits do. */
const COMMITS_SEARCHED = 50;

const UNIT_MS = { day: 86_400_000, hour: 3_600_000 } as const;
const PATHS_KEPT = 1_000;

/** What one attempt at a commit decided, kept until it is known how it ended. */
interface Attempt {
  instant: Instant;
  from: Instant | null;
  rows: readonly Row[];
  duplicates: number;
  incoming: readonly Incoming[];
  plan: StatePlan;
  staged: readonly string[];
  startedAt: number;
}

interface Landing {
  transaction: Transaction;
  files: readonly { number: number; plan: FilePlan }[];
}

export class EmbeddedWriter implements FeedWriter {
  readonly #feed: Feed;
  readonly #engine: Engine;
  readonly #main: HudiTable;
  /** The table that takes every version: the log, or the one table of an append feed. Null without history. */
  readonly #versions: { table: HudiTable; index: GroupIndex } | null;
  /** Rows by key: of the state, or of the one table of an append feed. */
  readonly #keys: GroupIndex;
  readonly #tables: { batch: string; placed: string; removed: string };
  readonly #partitionPaths = new Map<number, string>();
  #queue: Promise<unknown> = Promise.resolve();
  #filled: Promise<void> | null = null;
  /** An attempt failed and the tables have not been put in order since. */
  #isBroken = false;
  #attempt: Attempt | null = null;
  /** A commit whose caller was told of a fault, and which was finished later. */
  #finished: Commit | null = null;

  constructor(readonly options: WriterOptions) {
    const { feed, engine, main, log, maxIndexedRows } = options;
    this.#feed = feed;
    this.#engine = engine;
    this.#main = main;
    const name = (index: number) => feed.fields[index]!.name;
    const eventTimeColumn = name(feed.eventTime);
    const bound = maxIndexedRows === undefined ? {} : { maxRows: maxIndexedRows };
    const versionTable = feed.writeMode === "append" ? main : log;
    const versionColumns = [feed.key, feed.ordering, ...(feed.rank === null ? [] : [feed.rank.field])].map(name);
    this.#versions = versionTable && {
      table: versionTable,
      index: new GroupIndex(engine, versionTable, {
        name: `versions_${feed.name}`,
        columns: versionColumns,
        eventTimeColumn,
        ...bound,
      }),
    };
    const keyOptions = { name: `keys_${feed.name}`, columns: [name(feed.key)], eventTimeColumn, ...bound };
    this.#keys = new GroupIndex(engine, main, keyOptions);
    this.#tables = { batch: `batch_${feed.name}`, placed: `placed_${feed.name}`, removed: `removed_${feed.name}` };
  }

  recover(): Promise<Recovery> {
    return this.#exclusive(async () => {
      const { rolledBack, finished } = await this.#repair();
      // In the background: pages need no index, and the first commit waits for it.
      void this.#fillIndexes().catch(() => (this.#filled = null));
      return { committed: await this.#stagedNames(), rolledBack, finished };
    });
  }

  commit(files: readonly StagedFile[]): Promise<Commit | null> {
    return this.#exclusive(async () => {
      const startedAt = performance.now();
      if (this.#isBroken) await this.#repair();
      const arrived = (await Promise.all(files.map((file) => file.rows()))).flat();
      const rows = distinctRows(this.#feed, canonicalRows(this.#feed, arrived));
      const staged = files.map(({ name }) => name);
      const commit = rows.length === 0 ? null : await this.#land(rows, arrived.length, staged, startedAt);
      const earlier = this.#finished;
      this.#finished = null;
      return earlier && commit ? joinCommits(this.#feed, earlier, commit) : (commit ?? earlier);
    });
  }

  maintain(): Promise<void> {
    return this.#exclusive(async () => {
      if (this.#isBroken) await this.#repair();
      await this.#maintain();
    });
  }

  /** Waits for what was begun. */
  async close(): Promise<void> {
    await this.#queue.catch(() => undefined); // its own caller is told of a fault
    await this.#filled?.catch(() => undefined);
  }

  /** One at a time, in order of calls. */
  #exclusive<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(work, work);
    this.#queue = turn.catch(() => undefined); // its own caller is told of a fault
    return turn;
  }

  get #hudiTables(): HudiTable[] {
    const { log } = this.options;
    return log === null ? [this.#main] : [log, this.#main];
  }

  #fillIndexes(): Promise<void> {
    this.#filled ??= (async () => {
      await this.#keys.fill();
      await this.#versions?.index.fill();
    })();
    return this.#filled;
  }

  /** Every attempt to fill that failed may be made again. */
  async #indexesReady(): Promise<void> {
    try {
      await this.#fillIndexes();
    } catch {
      this.#filled = null; // the second attempt's error is the caller's
      await this.#fillIndexes();
    }
  }

  /** From distinct canonical rows to a commit; null when the tables have them all. */
  async #land(
    rows: readonly Row[],
    arrived: number,
    staged: readonly string[],
    startedAt: number,
  ): Promise<Commit | null> {
    await this.#indexesReady();
    const { incoming, stored } = await this.#lookUp(rows);
    if (incoming.length === 0) return null;
    const from = this.#main.head;
    const instant = nextInstant(this.options.clock.now(), this.#lastInstant());
    const plan = planState(incoming, stored);
    const duplicates = arrived - incoming.length;
    const attempt: Attempt = { instant, from, rows, duplicates, incoming, plan, staged, startedAt };
    this.#attempt = attempt;
    try {
      await this.#write(attempt, { withLog: true });
    } catch (error) {
      const finished = await this.#afterFault();
      if (finished) return finished;
      throw error;
    }
    this.#attempt = null;
    return this.#commitOf(attempt);
  }

  /**
   * Undoes what failed, or finishes it if the log has it already. When the fault is still there, that is left to the next
   * call: nobody sees half a commit meanwhile, for the state's commit is the last step.
   */
  async #afterFault(): Promise<Commit | null> {
    this.#isBroken = true;
    try {
      await this.#repair();
    } catch {
      return null; // the first fault is the one to report; `#isBroken` makes the next call begin here
    }
    const finished = this.#finished;
    this.#finished = null;
    return finished;
  }

  /** The versions that are new, and what the state holds for their keys. */
  async #lookUp(rows: readonly Row[]): Promise<{ incoming: Incoming[]; stored: Map<string, Stored[]> }> {
    const { batch } = this.#tables;
    const feed = this.#feed;
    await this.#engine.write(async (c) => {
      await createBatchTable(c, batch, feed);
      await loadBatch(c, batch, feed, rows);
    });
    const known = new Set<number>();
    const places = rows.map((row) => this.#partitionAt(eventTimeOf(feed, row)));
    const partitions = new Set(places);
    const mayHoldVersion = ({ span }: Group) =>
      span === null || rows.some((row) => eventTimeOf(feed, row) >= span.min && eventTimeOf(feed, row) <= span.max);
    const findStored = this.#engine.write(async (c) => {
      const found = await this.#keys.candidates(c, batch, ({ partition }) => partitions.has(partition));
      const slices = slicesOf(
        this.#main,
        found.map(({ group }) => group),
      );
      if (this.#versions === null) for (const n of await equalRows(c, feed, batch, this.#main, slices)) known.add(n);
      return storedRows(c, feed, batch, this.#main, slices);
    });
    const findKnown = this.#engine.write(async (c) => {
      if (this.#versions === null) return;
      const { table, index } = this.#versions;
      const found = await index.candidates(c, batch, mayHoldVersion);
      const slices = slicesOf(
        table,
        found.map(({ group }) => group),
      );
      for (const n of await equalRows(c, feed, batch, table, slices)) known.add(n);
    });
    const [stored] = await allSettled([findStored, findKnown]);
    const incoming = rows.flatMap((row, n) => (known.has(n) ? [] : [this.#incoming(row, n, places[n]!)]));
    return { incoming, stored: stored! };
  }

  #incoming(row: Row, n: number, partition: string): Incoming {
    const feed = this.#feed;
    return {
      n,
      key: keyOf(feed, row),
      ordering: row[feed.ordering] ?? null,
      rank: rankOf(feed, row),
      partition,
    };
  }

  #lastInstant(): Instant | null {
    let last: Instant | null = null;
    for (const { instants } of this.#hudiTables) {
      const newest = instants.at(-1)?.instant ?? null;
      if (newest !== null && (last === null || newest > last)) last = newest;
    }
    return last;
  }

  /** Writes both tables (or, to finish a commit, the state alone) and then their indexes. */
  async #write(attempt: Attempt, { withLog }: { withLog: boolean }): Promise<void> {
    const { instant, incoming, plan } = attempt;
    const plans: { table: HudiTable; files: FilePlan[] }[] = [];
    if (withLog && this.#versions) plans.push({ table: this.#versions.table, files: this.#planLog(instant, incoming) });
    if (this.#feed.writeMode === "upsert") plans.push({ table: this.#main, files: this.#planMain(instant, plan) });
    let number = 0;
    const numbered = plans.map(({ table, files }) => ({
      table,
      files: files.map((p) => ({ number: number++, plan: p })),
    }));
    const prepared = this.#prepare(numbered.flatMap(({ files }) => files));
    const begun = allSettled(
      numbered.map(async ({ table, files }): Promise<Landing> => {
        const operation = table === this.#main && this.#feed.writeMode === "upsert" ? "UPSERT" : "INSERT";
        const transaction = await Transaction.begin(table, instant, operation);
        await prepared;
        await allSettled(files.map((file) => this.#writeFile(transaction, instant, file)));
        return { transaction, files };
      }),
    );
    await allSettled<unknown>([prepared, begun]);
    const landings = await begun;
    for (const { transaction } of landings) {
      await transaction.complete(this.#extra(transaction.table, attempt), this.options.clock.now());
    }
    await this.#index(landings);
    await this.#tidy(landings);
  }

  #planLog(instant: Instant, incoming: readonly Incoming[]): FilePlan[] {
    const { table, index } = this.#versions!;
    const day = `${LOG_PARTITION_COLUMN}=${partitionValue("day", timeOf(instant))}`;
    const rowsOf = new Map<string, number[]>();
    for (const { n, partition } of incoming) {
      const target = this.#feed.writeMode === "append" ? partition : day;
      const rows = rowsOf.get(target);
      if (rows) rows.push(n);
      else rowsOf.set(target, [n]);
    }
    return planAppend(this.#context(table, index, instant), rowsOf);
  }

  #planMain(instant: Instant, plan: StatePlan): FilePlan[] {
    return planUpsert(this.#context(this.#main, this.#keys, instant), plan);
  }

  #context(table: HudiTable, index: GroupIndex, instant: Instant): PlanContext {
    const groupRows = this.options.groupRows ?? GROUP_ROWS;
    const open = (partition: string) => {
      const group = index.youngest(partition);
      return group === null || group.rows >= groupRows ? null : group;
    };
    return { table, open, newFileId: () => newFileId(instant), groupRows };
  }

  /** Tells DuckDB which row goes into which file, and which keys leave one. */
  async #prepare(files: readonly { number: number; plan: FilePlan }[]): Promise<void> {
    const { placed, removed } = this.#tables;
    const rows = files.flatMap(({ number, plan }) => [
      ...plan.inserts.map((n) => [n, number, true] as const),
      ...plan.updates.map((n) => [n, number, false] as const),
    ]);
    const leaving = files.flatMap(({ number, plan }) => [
      ...plan.replaced.map((key) => [number, key, false] as const),
      ...plan.left.map((key) => [number, key, true] as const),
    ]);
    await this.#engine.write(async (c) => {
      await c.run(`CREATE OR REPLACE TABLE ${placed} (n INTEGER, f INTEGER, is_new BOOLEAN)`);
      await c.run(`CREATE OR REPLACE TABLE ${removed} (f INTEGER, key VARCHAR, is_gone BOOLEAN)`);
      await appendRows(c, placed, [INTEGER, INTEGER, BOOLEAN], rows);
      await appendRows(c, removed, [INTEGER, VARCHAR, BOOLEAN], leaving);
    });
  }

  async #writeFile(
    transaction: Transaction,
    instant: Instant,
    file: { number: number; plan: FilePlan },
  ): Promise<void> {
    const { number, plan } = file;
    const { storage } = transaction.table;
    const placement = await transaction.place(plan.partition, plan.fileId, plan.previous);
    const source: FileSource = { feed: this.#feed, instant, ...this.#tables };
    const written = await this.#engine.write((c) =>
      writeFile(c, source, {
        number,
        partition: plan.partition,
        name: placement.name,
        temporary: storage.locate(placement.temporary),
        previous: plan.previous && storage.locate(plan.previous.path),
        removes: plan.replaced.length + plan.left.length > 0,
      }),
    );
    const counts = { inserts: plan.inserts.length, updates: plan.updates.length, deletes: plan.left.length };
    await transaction.publish(placement, { ...written, ...counts });
  }

  #extra(table: HudiTable, attempt: Attempt): Map<string, string> {
    const isLog = table === this.options.log;
    return new Map([
      [
        "schema",
        hudiSchema(table.properties.name, this.#feed, isLog ? LOG_PARTITION_COLUMN : this.#feed.partitionColumn),
      ],
      ["weir_staged", attempt.staged.join(",")],
      ["weir_versions", String(attempt.incoming.length)],
      ["weir_committed_at", String(this.options.clock.now())],
    ]);
  }

  /** Brings the indexes up to the commit that is now complete. */
  async #index(landings: readonly Landing[]): Promise<void> {
    try {
      for (const landing of landings) await this.#indexLanding(landing);
    } catch {
      this.#filled = null; // the commit stands; the next one waits for an index that is read anew
    }
  }

  async #indexLanding({ transaction, files }: Landing): Promise<void> {
    const { batch, placed, removed } = this.#tables;
    const stats = new Map(transaction.stats.map((stat) => [`${stat.partitionPath}/${stat.fileId}`, stat]));
    const isMain = transaction.table === this.#main;
    const indexes = [
      ...(isMain ? [this.#keys] : []),
      ...(this.#versions?.table === transaction.table ? [this.#versions.index] : []),
    ];
    for (const index of indexes) {
      const grown = new Map<number, Group>();
      const shrunk = new Map<number, Group>();
      for (const { number, plan } of files) {
        const stat = stats.get(`${plan.partition}/${plan.fileId}`)!;
        const { minEventTime: min, maxEventTime: max } = stat;
        const group = index.noteFile(plan, stat.numWrites, min === null || max === null ? null : { min, max });
        if (plan.inserts.length > 0) grown.set(number, group);
        if (plan.left.length > 0) shrunk.set(number, group);
      }
      await this.#engine.write(async (c) => {
        await index.remove(c, removed, shrunk);
        await index.add(c, batch, placed, grown);
      });
    }
  }

  /** Markers of a completed commit. What cannot be removed now is removed by maintenance. */
  async #tidy(landings: readonly Landing[]): Promise<void> {
    await Promise.allSettled(landings.map(({ transaction }) => transaction.tidy()));
  }

  /** Puts the tables in order from what the disk says: pending commits are undone, half-made ones finished. */
  async #repair(): Promise<{ rolledBack: Instant[]; finished: Instant[] }> {
    this.#isBroken = true;
    const rolledBack = new Set<Instant>();
    for (const table of this.#hudiTables) {
      await table.refresh();
      if (table.properties.version !== WRITTEN_VERSION) continue; // upgraded by another engine, which owns it now
      for (const instant of await rollBackPending(table, Date.now())) rolledBack.add(instant);
    }
    const attempt = this.#attempt;
    const finished = await this.#finishStates();
    this.#attempt = null;
    if (attempt !== null && this.#isComplete(attempt.instant)) {
      this.#filled = null; // the attempt did not come to its indexes
      this.#finished = this.#commitOf(attempt);
    }
    this.#isBroken = false;
    return { rolledBack: [...rolledBack].filter((instant) => !finished.includes(instant)).sort(), finished };
  }

  #isComplete(instant: Instant): boolean {
    return this.#hudiTables.every((table) => table.completedWrites().some((done) => done.instant === instant));
  }

  /** Makes the state commits that the log is ahead by. */
  async #finishStates(): Promise<Instant[]> {
    const { log } = this.options;
    if (log === null) return [];
    const head = this.#main.head;
    const ahead = log
      .completedWrites()
      .filter(({ instant, action }) => action === "commit" && (head === null || instant > head));
    for (const { instant, file } of ahead) {
      this.#filled = null;
      await this.#indexesReady();
      const commit = await log.commitMetadata(ahead.find((done) => done.file === file)!);
      const slices = slicesOf(
        log,
        commit.writeStats.map(({ fileId, partitionPath }) => ({ fileId, partition: partitionPath })),
      );
      const { batch } = this.#tables;
      const { incoming, stored } = await this.#engine.write(async (c) => {
        await createBatchTable(c, batch, this.#feed);
        const logged = await loadLoggedRows(c, this.#feed, batch, log, slices, instant, (ms) => this.#partitionAt(ms));
        const found = await this.#keys.candidates(c, batch, () => true);
        const groups = slicesOf(
          this.#main,
          found.map(({ group }) => group),
        );
        return { incoming: logged, stored: await storedRows(c, this.#feed, batch, this.#main, groups) };
      });
      const staged = commit.extra.get("weir_staged")?.split(",") ?? [];
      const plan = planState(incoming, stored);
      const attempt: Attempt = { instant, from: head, rows: [], duplicates: 0, incoming, plan, staged, startedAt: 0 };
      await this.#write(attempt, { withLog: false });
    }
    return ahead.map(({ instant }) => instant);
  }

  /** Partition path of an event time; made once per day or hour, for a batch asks for thousands. */
  #partitionAt(eventTimeMs: number): string {
    const { granularity, partitionColumn } = this.#feed;
    const unit = Math.floor(eventTimeMs / UNIT_MS[granularity]);
    let path = this.#partitionPaths.get(unit);
    if (path === undefined) {
      path = `${partitionColumn}=${partitionValue(granularity, eventTimeMs)}`;
      if (this.#partitionPaths.size >= PATHS_KEPT) this.#partitionPaths.clear();
      this.#partitionPaths.set(unit, path);
    }
    return path;
  }

  async #stagedNames(): Promise<Set<string>> {
    const table = this.#versions?.table ?? this.#main;
    const names = new Set<string>();
    for (const done of table.completedWrites().slice(-COMMITS_SEARCHED)) {
      const staged = (await table.commitMetadata(done)).extra.get("weir_staged") ?? "";
      for (const name of staged.split(",")) if (name !== "") names.add(name);
    }
    return names;
  }

  #commitOf({ instant, from, rows, duplicates, incoming, plan, startedAt }: Attempt): Commit {
    const epoch = epochOf(this.#main);
    const partitionOf = new Map(incoming.map(({ n, partition }) => [n, partition]));
    const prefix = `${this.#feed.partitionColumn}=`.length;
    const touched = new Set(plan.winners.map((n) => partitionOf.get(n)!.slice(prefix)));
    for (const { partition } of plan.changes.values()) touched.add(partition.slice(prefix));
    return {
      instant,
      committedAt: this.options.clock.now(),
      from: positionOf(epoch, from),
      to: positionOf(epoch, instant),
      up: plan.winners.map((n) => rows[n]!),
      del: [],
      versions: incoming.length,
      duplicates,
      partitions: [...touched].sort(),
      durationMs: performance.now() - startedAt,
    };
  }

  async #maintain(): Promise<void> {
    const { clock, retainMs, log } = this.options;
    const { historyMs, retentionMs } = this.#feed;
    const rules = {
      now: clock.now(),
      retainMs,
      nextInstant: () => nextInstant(clock.now(), this.#lastInstant()),
      beforeDrop: () => this.#indexesReady(),
    };
    if (log !== null) {
      const gone = await maintainTable(log, { ...rules, partitionsOlderThanMs: historyMs });
      await this.#versions!.index.forgetPartitions(gone);
    }
    const gone = await maintainTable(this.#main, { ...rules, partitionsOlderThanMs: retentionMs });
    await this.#keys.forgetPartitions(gone);
    if (this.#versions?.table === this.#main) await this.#versions.index.forgetPartitions(gone);
  }
}

/** All results, once every one of the works has ended, failed ones too: nothing runs on behind a rollback. */
async function allSettled<T extends readonly unknown[]>(works: { [K in keyof T]: Promise<T[K]> }): Promise<T>;
async function allSettled<T>(works: readonly Promise<T>[]): Promise<T[]>;
async function allSettled(works: readonly Promise<unknown>[]): Promise<unknown[]> {
  const ended = await Promise.allSettled(works);
  return ended.map((end) => {
    if (end.status === "rejected") throw end.reason;
    return end.value;
  });
}

/** Rows of a chunk. */
const CHUNK_ROWS = 2048;

async function appendRows(
  connection: DuckDBConnection,
  table: string,
  types: readonly DuckDBType[],
  rows: readonly (readonly (number | string | boolean)[])[],
): Promise<void> {
  if (rows.length === 0) return;
  const appender = await connection.createAppender(table);
  try {
    for (let start = 0; start < rows.length; start += CHUNK_ROWS) {
      const part = rows.slice(start, start + CHUNK_ROWS);
      const chunk = DuckDBDataChunk.create(types, part.length);
      types.forEach((_, i) =>
        chunk.setColumnValues(
          i,
          part.map((row) => row[i]!),
        ),
      );
      appender.appendDataChunk(chunk);
    }
  } finally {
    appender.closeSync();
  }
}

/** Two commits in a row as one: what its caller has not been told of, and what came after. */
function joinCommits(feed: Feed, earlier: Commit, later: Commit): Commit {
  const changedAgain = new Set(later.up.map((row) => keyOf(feed, row)));
  return {
    ...later,
    from: earlier.from,
    up: [...earlier.up.filter((row) => !changedAgain.has(keyOf(feed, row))), ...later.up],
    versions: earlier.versions + later.versions,
    duplicates: earlier.duplicates + later.duplicates,
    partitions: [...new Set([...earlier.partitions, ...later.partitions])].sort(),
  };
}
