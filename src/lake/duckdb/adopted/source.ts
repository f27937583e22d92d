/**
 * A table in a folder that somebody else writes, as the embedded engine tells of it. Queries name the files of their state, so
 * that one which a cleaner takes makes the query fail: it is asked again, or the state is gone.
 */
import { AppError } from "../../../model/app-error";
import type { Feed } from "../../../model/feed";
import { EVERYTHING, type Filter } from "../../../model/filter";
import type { Instant } from "../../../model/instant";
import { positionOf, type Point } from "../../../model/position";
import type { WireValue } from "../../../model/value";
import {
  headOf,
  isReadable,
  readableCuts,
  type AdoptedLook,
  type AdoptedSource,
  type AskedRows,
  type Differences,
} from "../../adopted/source";
import type { Cut } from "../../hudi/cuts";
import type { FileSlice, HudiTable } from "../../hudi/table";
import { isWrite } from "../../hudi/timeline";
import type { Statistics, TimelineEntry } from "../../reader";
import { literal, literalList, META_COLUMNS } from "../column-types";
import type { DuckDBConnection, Engine } from "../connection";
import { columnOf } from "../filter-sql";
import { isMissingFile } from "../replanned";
import { feedColumns, fetchRows, textColumn, type ResultColumn } from "../rows";
import { rowOrder, stateCountQuery, stateQuery } from "../snapshot-sql";
import { timelinePage } from "../timeline-entries";
import { assertFollowable, type FileColumns } from "./columns";
import { emptyRelation, foldedRows, leftKeys, rowsOfFiles, sharedKey } from "./relation-sql";
import type { TableLook, TableWatch } from "./table-look";

export interface EmbeddedAdoptedOptions {
  feed: Feed;
  engine: Engine;
  /** Of the table's folder; sources of one table share it. */
  watch: TableWatch;
}

/** A state of the table: its files, and the SQL of their rows. */
interface State {
  slices: readonly FileSlice[];
  rows(filter: Filter): string;
  /** Before rows that share a key are made one. */
  all: string;
}

const MAX_PLANS = 4;
const FEW = 1_000;

export class EmbeddedAdoptedSource implements AdoptedSource {
  readonly #options: EmbeddedAdoptedOptions;
  readonly #watch: TableWatch;
  readonly #columns: readonly ResultColumn[];
  readonly #described = new Map<string, Promise<FileColumns>>();

  constructor(options: EmbeddedAdoptedOptions) {
    this.#options = options;
    this.#watch = options.watch;
    this.#columns = feedColumns(options.feed, (field) => columnOf(options.feed, field));
  }

  look(): Promise<AdoptedLook> {
    return this.#watch.look();
  }

  known(): AdoptedLook | null {
    return this.#watch.known;
  }

  whole(): Promise<AdoptedLook> {
    return this.#watch.whole();
  }

  rows(point: Point, asked: AskedRows, signal?: AbortSignal): Promise<WireValue[][] | null> {
    const { feed } = this.#options;
    const fields = asked.fields?.map((field) => this.#columns[field]!) ?? this.#columns;
    const columns = [...fields, ...(asked.withMeta ? META : [])];
    return this.#at(point, (connection, state) => {
      signal?.throwIfAborted();
      const sql = stateQuery(feed, state.rows(asked.filter), asked);
      return fetchRows(connection, sql, columns, rowOrder(feed), asked.limit);
    });
  }

  count(point: Point, filter: Filter, within: number): Promise<number | null> {
    const { feed } = this.#options;
    return this.#at(point, async (connection, state) => {
      const sql = stateCountQuery(feed, state.rows(EVERYTHING), { filter, within, from: null });
      const [row] = await (await connection.run(sql)).getRowsJS();
      return Number(row![0]);
    });
  }

  differences(since: Cut, until: Cut, limit: number): Promise<Differences | null> {
    const { feed } = this.#options;
    return this.#at(until, async (connection, after, { look, table }) => {
      if (!isReadable(look, since)) return null;
      const before = await this.#state(connection, table, since.instant);
      const del = (await removes(table, since, until)) ? await keysOf(connection, leftKeys(feed, before, after)) : [];
      const changed = after.slices.filter(({ instant }) => instant > since.instant);
      const { rows } = this.#watch.hasDuplicates ? after : await this.#stateOf(connection, changed);
      const sql = `SELECT * FROM ${rows(EVERYTHING)} WHERE _hoodie_commit_time > ${literal(since.instant)} LIMIT ${BigInt(limit)}`;
      return { up: await fetchRows(connection, sql, this.#columns, rowOrder(feed), FEW), del };
    });
  }

  statistics(point: Point): Promise<Statistics | null> {
    const { feed } = this.#options;
    const status = feed.status === null ? "NULL" : columnOf(feed, feed.status);
    return this.#at(point, async (connection, state) => {
      const time = columnOf(feed, feed.eventTime);
      const found = await connection.run(
        `SELECT ${status}, count(*), epoch_ms(max(${time})) FROM ${state.rows(EVERYTHING)} GROUP BY 1`,
      );
      return statisticsOf(await found.getRowsJS());
    });
  }

  async timeline(
    look: AdoptedLook,
    query: { limit: number; after?: Instant },
  ): Promise<{ entries: TimelineEntry[]; next: Instant | null }> {
    const { table } = await this.#watch.look();
    if (table === null) return { entries: [], next: null };
    const positions = new Map(readableCuts(look).map((cut) => [cut.instant, positionOf(look.epoch, cut)]));
    return timelinePage(table, query, ({ instant }) => positions.get(instant) ?? null);
  }

  async findDuplicates(): Promise<void> {
    if (this.#watch.hasDuplicates) return;
    const head = headOf(await this.#watch.look());
    if (head === null) return;
    const { feed } = this.#options;
    const found = await this.#at(head, (connection, state) => keysOf(connection, sharedKey(feed, state.all)));
    if (found !== null && found.length > 0) await this.#watch.tellDuplicates();
  }

  /** Asks about a point; again when a file was gone. Null: gone. */
  async #at<T>(
    point: Point,
    ask: (connection: DuckDBConnection, state: State, at: { look: TableLook; table: HudiTable }) => Promise<T | null>,
  ): Promise<T | null> {
    let look = await this.#watch.look();
    if (!isReadable(look, point)) look = await this.#watch.whole();
    for (let attempt = 1; ; attempt++) {
      const { table } = look;
      const { instant } = point;
      if (table === null || instant === "0" || !isReadable(look, point)) return null;
      const at = { look, table };
      try {
        return await this.#options.engine.read(async (connection) =>
          ask(connection, await this.#state(connection, table, instant), at),
        );
      } catch (error) {
        if (!isMissingFile(error)) throw error;
        if (attempt === MAX_PLANS) throw disturbed(this.#options.feed, error);
        look = await this.#watch.whole();
      }
    }
  }

  #state(connection: DuckDBConnection, table: HudiTable, instant: Instant): Promise<State> {
    return this.#stateOf(connection, table.slices(instant));
  }

  async #stateOf(connection: DuckDBConnection, slices: readonly FileSlice[]): Promise<State> {
    const { feed, watch } = this.#options;
    if (slices.length === 0) return { slices, all: emptyRelation(feed), rows: () => emptyRelation(feed) };
    const columns = await this.#columnsOf(connection, slices);
    const paths = literalList(slices.map(({ path }) => watch.storage.locate(path)));
    const isFolded = this.#watch.hasDuplicates;
    return {
      slices,
      all: rowsOfFiles(feed, columns, paths, EVERYTHING),
      rows: (filter) =>
        isFolded
          ? foldedRows(feed, rowsOfFiles(feed, columns, paths, EVERYTHING))
          : rowsOfFiles(feed, columns, paths, filter),
    };
  }

  /** As the newest of the files has them. */
  #columnsOf(connection: DuckDBConnection, slices: readonly FileSlice[]): Promise<FileColumns> {
    const { path } = slices.reduce((a, b) => (b.instant > a.instant ? b : a));
    let described = this.#described.get(path);
    if (described === undefined) {
      described = describe(connection, this.#watch.storage.locate(path)).then((columns) => {
        assertFollowable(this.#options.feed, columns, this.#watch.folder);
        return columns;
      });
      described.catch(() => this.#described.delete(path));
      this.#described.set(path, described);
      if (this.#described.size > FEW) this.#described.delete(this.#described.keys().next().value!);
    }
    return described;
  }
}

const META: readonly ResultColumn[] = [
  ...META_COLUMNS.map(textColumn),
  textColumn("regexp_replace(_hoodie_partition_path, '^[^=/]*=', '')"),
];

async function describe(connection: DuckDBConnection, file: string): Promise<FileColumns> {
  const result = await connection.run(
    `DESCRIBE SELECT * FROM read_parquet(${literal(file)}, hive_partitioning = false)`,
  );
  const rows = await result.getRowsJS();
  return new Map(rows.map(([name, type]) => [String(name).toLowerCase(), { name: String(name), type: String(type) }]));
}

async function keysOf(connection: DuckDBConnection, sql: string): Promise<string[]> {
  return (await (await connection.run(sql)).getRowsJS()).map(([key]) => String(key));
}

/** Whether commits in `(since, until]` say that rows went. */
async function removes(table: HudiTable, since: Cut, until: Cut): Promise<boolean> {
  for (const found of table.instants) {
    if (found.state !== "COMPLETED" || !isWrite(found)) continue;
    if (found.instant <= since.instant || found.instant > until.instant) continue;
    if (found.action !== "commit") return true;
    const { writeStats } = await table.commitMetadata(found);
    if (writeStats.some(({ numDeletes }) => numDeletes > 0)) return true;
  }
  return false;
}

function statisticsOf(rows: readonly (readonly unknown[])[]): Statistics {
  const statistics: Statistics & { byStatus: Record<string, number> } = { rows: 0, byStatus: {}, newestEventAt: null };
  for (const [status, count, newest] of rows) {
    statistics.rows += Number(count);
    if (typeof status === "string") statistics.byStatus[status] = Number(count);
    if (newest !== null) statistics.newestEventAt = Math.max(statistics.newestEventAt ?? -Infinity, Number(newest));
  }
  return statistics;
}

const disturbed = (feed: Feed, cause: unknown): AppError =>
  new AppError(
    "engine-unavailable",
    `Files of ${feed.name} were removed under the query ${MAX_PLANS} times in a row. Ask again.`,
    { retryAfterMs: 1_000 },
    { cause },
  );
