/**
 * The outline of a hot window (`FeedOutlines` of the port): a page at a past position needs counts, the newest rows and what
 * problems are derived from, which is a fraction of the window. The window is folded once into a table, without the
 * columns that nothing here reads, and every part is an aggregate over it. A table of this size is read by one thread, so runs are
 * looked at beside the rest, on a connection of their own, and the window is a table that both see. Measured on 100,000 rows out
 * of 1 million: 450 ms of CPU time, where fetching the rows takes 1,000.
 */
import type { AttemptFields } from "../../model/attempt";
import { problemFields } from "../../model/attempt";
import type { StatusCounts } from "../../model/delta";
import type { Feed } from "../../model/feed";
import { FAILURE_STATUSES } from "../../model/problem";
import type { WireValue } from "../../model/value";
import type { FileSlice } from "../hudi/table";
import type { OutlineQuery } from "../reader";
import { literal } from "./column-types";
import type { DuckDBConnection, Engine } from "./connection";
import { columnOf, timestampLiteral } from "./filter-sql";
import { lostQuery } from "./log-fold";
import { OutlineRuns, type RunsOfWindow } from "./outline-runs";
import { aloneIn, ATTEMPT_HASH, attemptHash, repeatedOf, repeatedQuery, togetherIn } from "./outline-window";
import { fetchRows, type ResultColumn } from "./rows";
import { FILE_INDEX, FILE_ROW, type FileScanner } from "./scan-files";
import { rowOrder } from "./snapshot-sql";

/** Where the rows of the window are. */
export interface OutlinedFiles {
  slices: readonly FileSlice[];
  /** Condition on the rows that count, and whether several of them may have one key (a log); "true" for slices of the state. */
  versions: string;
  isLog: boolean;
  /** Rows before this are not looked at, epoch ms. */
  from: number | null;
}

export interface OutlineRows {
  counts: StatusCounts | null;
  newest: WireValue[][];
  /** Values of `OutlineReader.fields` only. */
  deciding: WireValue[][];
  runs: RunsOfWindow | null;
}

/** The window in numbers: how many rows it has, and whether none of them has an ordering value before `from`. */
interface Tally {
  rows: number;
  isProven: boolean;
  counts: StatusCounts | null;
}

const LOST = "_lost";
/** Windows of reads that run at the same time have names of their own. */
let windows = 0;
/** Only a matter of speed. */
const SOME = 10_000;

export class OutlineReader {
  /** Indexes of the fields that decide problems. */
  readonly fields: readonly number[];
  readonly #feed: Feed;
  readonly #heldOfProblems: string;
  readonly #heldOfRuns: string;
  readonly #runs: OutlineRuns | null;

  constructor(
    feed: Feed,
    readonly attempts: AttemptFields | null,
    readonly scanner: FileScanner,
    readonly columns: readonly ResultColumn[],
  ) {
    this.#feed = feed;
    this.fields = attempts ? problemFields(attempts) : [];
    const status = feed.status === null ? [] : [feed.status];
    this.#runs = attempts && new OutlineRuns(attempts, columns);
    const held = [feed.key, feed.eventTime, feed.ordering, ...status, ...this.fields];
    const hash = attempts ? [`${attemptHash(attempts)} AS ${ATTEMPT_HASH}`] : [];
    const columnsOf = (fields: readonly number[]) =>
      [...[...new Set(fields)].map((field) => columnOf(feed, field)), FILE_INDEX, FILE_ROW, ...hash].join(", ");
    this.#heldOfProblems = columnsOf(held);
    this.#heldOfRuns = columnsOf([...held, ...this.runFields]);
  }

  /** Indexes of the fields that runs follow from. */
  get runFields(): readonly number[] {
    return this.#runs?.fields ?? [];
  }

  empty({ runs }: Pick<OutlineQuery, "runs">): OutlineRows {
    const counts = this.#feed.status === null ? null : { window: {}, day: {} };
    return { counts, newest: [], deciding: [], runs: runs ? { newest: [], others: [], undecided: [] } : null };
  }

  /**
   * @param beside lends another connection of the same instance
   * @param isEnough whether a window of so many rows is whole; null is answered when it is not, or may be wrong
   */
  async read(
    connection: DuckDBConnection,
    beside: Engine["beside"],
    files: OutlinedFiles,
    query: OutlineQuery,
    isEnough: (rows: number) => boolean,
  ): Promise<OutlineRows | null> {
    const source = await this.scanner.source(connection, files.slices);
    const window = `_window_${++windows}`;
    try {
      await this.#makeWindow(connection, window, source, files, query);
      const { rows, isProven, counts } = await this.#tally(connection, window, files.from, query.since);
      if (!isProven || !isEnough(rows)) return null;
      if (this.attempts) await connection.run(`CREATE TABLE ${repeatedOf(window)} AS ${repeatedQuery(window)}`);
      const [runs, [newest, deciding]] = await Promise.all([
        this.#runsOf(beside, window, query),
        this.#rowsOf(connection, window, files, query),
      ]);
      return { counts, newest, deciding, runs };
    } finally {
      for (const table of [window, repeatedOf(window)]) await connection.run(`DROP TABLE IF EXISTS ${table}`);
      await connection.run(`DROP TABLE IF EXISTS temp.${LOST}`);
    }
  }

  async #runsOf(
    beside: Engine["beside"],
    window: string,
    { runs: newest }: OutlineQuery,
  ): Promise<RunsOfWindow | null> {
    const runs = this.#runs;
    return runs && newest ? beside((connection) => runs.read(connection, window, newest)) : null;
  }

  async #rowsOf(
    connection: DuckDBConnection,
    window: string,
    { slices }: OutlinedFiles,
    query: OutlineQuery,
  ): Promise<[newest: WireValue[][], deciding: WireValue[][]]> {
    const newest = await this.#newest(connection, window, slices, query.newest);
    return [newest, this.attempts ? await this.#deciding(connection, window, this.attempts) : []];
  }

  async #makeWindow(
    connection: DuckDBConnection,
    window: string,
    source: string,
    { versions, isLog, from }: OutlinedFiles,
    { within, runs }: OutlineQuery,
  ): Promise<void> {
    const time = columnOf(this.#feed, this.#feed.eventTime);
    const key = columnOf(this.#feed, this.#feed.key);
    if (isLog)
      await connection.run(`CREATE OR REPLACE TEMP TABLE ${LOST} AS ${lostQuery(this.#feed, source, versions)}`);
    const rows = isLog ? `${source} ANTI JOIN ${LOST} USING (${FILE_INDEX}, ${FILE_ROW})` : source;
    const where = `WHERE ${versions} AND ${from === null ? "true" : `${time} >= ${timestampLiteral(from)}`}`;
    // Two steps, so that only the keys of one moment are ever sorted.
    const last = `SELECT ${time} AS _t FROM ${rows} ${where} ORDER BY _t DESC LIMIT 1 OFFSET ${BigInt(within) - 1n}`;
    const [floor] = await (await connection.run(`SELECT epoch_us(_t)::VARCHAR FROM (${last})`)).getRowsJS();
    await connection.run(`CREATE TABLE ${window} AS SELECT ${runs ? this.#heldOfRuns : this.#heldOfProblems} FROM ${rows} ${where}
      ${floor === undefined ? "" : `AND ${time} >= make_timestamptz(${floor[0] as string}::BIGINT)`}`);
    if (floor === undefined) return;
    const ofFloor = `${time} = make_timestamptz(${floor[0] as string}::BIGINT)`;
    await connection.run(`DELETE FROM ${window} WHERE ${ofFloor} AND ${key} NOT IN (
      SELECT ${key} FROM ${window} WHERE ${ofFloor} ORDER BY ${key}
      LIMIT ${BigInt(within)} - (SELECT count(*) FROM ${window} WHERE NOT ${ofFloor}))`);
  }

  async #tally(connection: DuckDBConnection, window: string, from: number | null, since: number): Promise<Tally> {
    const { status, eventTime, ordering } = this.#feed;
    const proven = from === null ? "true" : `min(${columnOf(this.#feed, ordering)}) >= ${timestampLiteral(from)}`;
    const result = await connection.run(
      `SELECT ${status === null ? "NULL" : columnOf(this.#feed, status)}, count(*),
        count(*) FILTER (${columnOf(this.#feed, eventTime)} >= ${timestampLiteral(since)}), ${proven}
      FROM ${window} GROUP BY 1`,
    );
    const groups = await result.getRowsJS();
    const all = groups.map(([value, count]) => [String(value), Number(count)] as const);
    const day = groups.map(([value, , count]) => [String(value), Number(count)] as const);
    return {
      rows: all.reduce((sum, [, count]) => sum + count, 0),
      isProven: groups.every(([, , , isProven]) => isProven === true),
      counts:
        status === null
          ? null
          : { window: Object.fromEntries(all), day: Object.fromEntries(day.filter(([, count]) => count > 0)) },
    };
  }

  /** Whole rows, read from the files that hold them. */
  async #newest(
    connection: DuckDBConnection,
    window: string,
    slices: readonly FileSlice[],
    limit: number,
  ): Promise<WireValue[][]> {
    const order = rowOrder(this.#feed);
    const places = `SELECT ${FILE_INDEX}, ${FILE_ROW} FROM ${window} ORDER BY ${order} LIMIT ${BigInt(limit)}`;
    const found = await (await connection.run(places)).getRowsJS();
    if (found.length === 0) return [];
    const files = [...new Set(found.map(([file]) => Number(file)))];
    const source = await this.scanner.source(
      connection,
      files.map((file) => slices[file]!),
    );
    const wanted = found.map(([file, row]) => `(${files.indexOf(Number(file))}, ${String(row)})`).join(", ");
    const inner = `SELECT s.* FROM ${source} s JOIN (VALUES ${wanted}) w(f, n) ON s.${FILE_INDEX} = w.f AND s.${FILE_ROW} = w.n`;
    return fetchRows(connection, inner, this.columns, order, limit);
  }

  #deciding(connection: DuckDBConnection, window: string, attempts: AttemptFields): Promise<WireValue[][]> {
    const columns = this.fields.map((field) => this.columns[field]!);
    return fetchRows(connection, decidingQuery(attempts, window), columns, rowOrder(this.#feed), SOME);
  }
}

/**
 * SQL of the rows that decide which problems there are: all rows of each attempt that may count as a failure, and of the
 * first attempts of a stage that completed after one of these. Of attempts whose rows leave open whether they completed (rows
 * of equal ordering value) all rows are taken, and the fold decides.
 */
function decidingQuery(fields: AttemptFields, window: string): string {
  const { feed } = fields;
  const ordering = columnOf(feed, feed.ordering);
  const status = columnOf(feed, fields.status);
  const number = fields.attempt < 0 ? "0" : `coalesce(${columnOf(feed, fields.attempt)}, 0)`;
  const batch = columnOf(feed, fields.correlationId);
  const pipeline = columnOf(feed, fields.pipelineName);
  const stage = columnOf(feed, fields.stageName);
  const failures = FAILURE_STATUSES.map(literal).join(", ");
  const names = `${batch} AS b, ${pipeline} AS p, ${stage} AS s, ${number} AS a`;
  return `WITH attempts AS MATERIALIZED (
      SELECT ${names}, ${ordering} AS newest,
        CASE WHEN ${status} = 'COMPLETED' THEN ${ordering} END AS done,
        CASE WHEN ${status} <> 'COMPLETED' THEN ${ordering} END AS undone,
        ${status} IN (${failures}) AS failed
      FROM ${aloneIn(window)}
      UNION ALL
      SELECT ${names}, max(${ordering}) AS newest,
        max(${ordering}) FILTER (${status} = 'COMPLETED') AS done,
        max(${ordering}) FILTER (${status} <> 'COMPLETED') AS undone,
        bool_or(${status} IN (${failures})) AS failed
      FROM ${togetherIn(window)} GROUP BY ALL),
    completed AS (SELECT * FROM attempts WHERE done > undone OR (done IS NOT NULL AND undone IS NULL)),
    chosen AS (
      SELECT b, p, s, a FROM attempts WHERE failed OR done = undone
      UNION ALL
      SELECT c.b, c.p, c.s, c.a FROM (SELECT p, s, newest FROM attempts WHERE failed) f
        ASOF JOIN completed c ON f.p = c.p AND f.s = c.s AND f.newest < c.done)
    SELECT w.* FROM ${window} w SEMI JOIN chosen c
      ON w.${batch} = c.b AND w.${pipeline} = c.p AND w.${stage} = c.s AND ${number} = c.a`;
}
