/**
 * The embedded engine's reader of one feed. A position is read from the state's file slices while they are kept and from
 * the log beyond that; both give the same rows (tests/contract).
 *
 * Nothing is read before it is committed: what there is comes from the timelines that `HudiTable` keeps. A file that is
 * cleaned between plan and query makes the query fail, and it is planned again.
 */
import { AppError } from "../../model/app-error";
import { attemptFields } from "../../model/attempt";
import { partitionValue, type Feed } from "../../model/feed";
import { EVERYTHING, type Filter } from "../../model/filter";
import { instantAt, timeOf, type Instant } from "../../model/instant";
import { parsePosition, positionOf, type Position } from "../../model/position";
import type { Row, WireValue } from "../../model/value";
import { epochOf } from "../hudi/epoch";
import { PARTITION_METADATA, type FileSlice, type HudiTable } from "../hudi/table";
import type {
  Changes,
  CountQuery,
  FeedOutlines,
  FeedPins,
  FeedReader,
  Gone,
  Head,
  MetaRow,
  Outline,
  OutlineQuery,
  Pin,
  Resolved,
  RowCursor,
  SnapshotQuery,
  Statistics,
  TimelineEntry,
  Version,
} from "../reader";
import { Answers, approximateBytes } from "../answers";
import { literal, META_COLUMNS } from "./column-types";
import { CommitIndex, firstCommit, keptSince, lastCommit } from "./commit-index";
import type { DuckDBConnection, Engine } from "./connection";
import { FileBounds, MAX_AHEAD_MS } from "./file-bounds";
import { columnOf } from "./filter-sql";
import { byArrival, orderExpression } from "./log-fold";
import { OutlineReader, type OutlineRows } from "./outline";
import type { PinFiles } from "./pin-files";
import { feedColumns, fetchRows, textColumn, type ResultColumn } from "./rows";
import { FILE_INDEX, FileScanner } from "./scan-files";
import {
  floorsQuery,
  logChangesQuery,
  logCountQuery,
  logQuery,
  rowOrder,
  stateChangesQuery,
  stateCountQuery,
  stateQuery,
  unknownQuery,
} from "./snapshot-sql";
import { StatisticsOfFiles } from "./statistics";
import { timelinePage } from "./timeline-entries";

export interface ReaderOptions {
  feed: Feed;
  engine: Engine;
  /** Table of the feed's name: the state, or everything of an append feed. */
  main: HudiTable;
  /** Null for append feeds and feeds without history. */
  log: HudiTable | null;
  pins: PinFiles;
  /** Somebody else writes the tables: they are read again from disk when a file is gone. */
  foreignWriter?: boolean;
  /** Bound of the kept answers. */
  maxAnswerBytes?: number;
  /** Rows of a piece of a scan over slices of the state. */
  pieceRows?: number;
}

const MAX_ANSWER_BYTES = 48 * 2 ** 20;
const SCAN_ROWS = 50_000;
/** The same where a piece costs only its own rows: what it takes in memory while it is gathered is several times its size. */
const PIECE_ROWS = 20_000;
/** Plans that may find a file gone before the caller is told. */
const MAX_PLANS = 4;
/** Larger answers are not kept: whoever asks for so much keeps what it makes of it. */
const MOST_KEPT_ROWS = 10_000;
/** A file group that is cut by the instant, versions that lose: so many more rows are read than are wanted. */
const SPARE_ROWS = 20_000;

/** Expected of what people do in the time between two looks: changes, versions of an event. */
const FEW = 1_000;

type Asked = Omit<SnapshotQuery, "at">;

/** Where the rows of a snapshot are. */
type Plan =
  | { from: "nothing" }
  | { from: "state"; slices: readonly FileSlice[] }
  | { from: "pin"; slices: readonly FileSlice[]; instant: Instant }
  | { from: "log"; slices: readonly FileSlice[]; instant: Instant; pruned: boolean; versions: string | null };

export class EmbeddedReader implements FeedReader, FeedOutlines, FeedPins {
  readonly #feed: Feed;
  readonly #engine: Engine;
  readonly #main: HudiTable;
  /** The table that holds every version, or null. */
  readonly #versions: HudiTable | null;
  readonly #commits: CommitIndex;
  readonly #scanner: FileScanner;
  readonly #bounds: FileBounds;
  readonly #statistics: StatisticsOfFiles;
  readonly #outlines: OutlineReader;
  readonly #answers: Answers;
  readonly #columns: readonly ResultColumn[];
  readonly #pieceRows: number;
  readonly #createdAt = new Map<string, Promise<Instant>>();

  constructor(readonly options: ReaderOptions) {
    const { feed, engine, main, log, maxAnswerBytes } = options;
    this.#feed = feed;
    this.#pieceRows = options.pieceRows ?? PIECE_ROWS;
    this.#engine = engine;
    this.#main = main;
    this.#versions = feed.writeMode === "append" ? main : log;
    this.#commits = new CommitIndex(engine, main, this.#versions);
    this.#scanner = new FileScanner(main.storage, feed);
    this.#bounds = new FileBounds(engine, this.#scanner, feed);
    this.#statistics = new StatisticsOfFiles(engine, this.#scanner, feed);
    this.#answers = new Answers(maxAnswerBytes ?? MAX_ANSWER_BYTES);
    this.#columns = feedColumns(feed, (field) => columnOf(feed, field));
    this.#outlines = new OutlineReader(feed, attemptFields(feed), this.#scanner, this.#columns);
  }

  get epoch(): string {
    return epochOf(this.#main);
  }

  async head(): Promise<Head> {
    const head = this.#commits.head();
    return {
      position: positionOf(this.epoch, head?.instant ?? null),
      instant: head?.instant ?? null,
      committedAt: head && (await this.#main.completedAt(head)),
    };
  }

  async reach(): Promise<Instant | null> {
    return this.#commits.reach();
  }

  resolve(at: { time: number } | { instant: Instant } | { position: Position }): Promise<Resolved> {
    return this.#planned(async () => {
      const head = await this.head();
      if ("time" in at) {
        if (head.instant === null) return { kind: "head", ...head };
        if (at.time >= timeOf(head.instant)) return { kind: "head", ...head };
        return this.#resolved(await this.#commits.floor(instantAt(Math.max(0, Math.floor(at.time)))));
      }
      if ("instant" in at) {
        return this.#resolved((await this.#isKnown(at.instant)) ? at.instant : null);
      }
      const position = parsePosition(at.position);
      if (position === null || position.epoch !== this.epoch) return this.#gone();
      if (position.instant === "0") return { kind: "head", position: at.position, instant: null, committedAt: null };
      return this.#resolved((await this.#isKnown(position.instant)) ? position.instant : null);
    });
  }

  instants({ after, until, limit }: { after: Instant | null; until: Instant; limit: number }): Promise<Instant[]> {
    return this.#planned(() => this.#commits.between(after, until, limit));
  }

  async snapshot(query: SnapshotQuery): Promise<{ kind: "rows"; position: Position; rows: Row[] } | Gone> {
    const rows = await this.#kept(["snapshot", query], async () => {
      const fields = query.fields && [...query.fields];
      if (fields === undefined) return this.#snapshotRows(query, this.#columns);
      const found = await this.#snapshotRows(
        query,
        fields.map((field) => this.#columns[field]!),
      );
      return found && found.map((values) => spread(values, fields, this.#columns.length));
    });
    return rows === null ? this.#gone() : { kind: "rows", position: query.at, rows };
  }

  async count(query: CountQuery): Promise<{ kind: "count"; position: Position; count: number } | Gone> {
    const position = parsePosition(query.at);
    if (position === null || position.epoch !== this.epoch) return this.#gone();
    const counted = await this.#kept(["count", query], () => this.#planned(() => this.#count(position.instant, query)));
    return counted === null ? this.#gone() : { kind: "count", position: query.at, count: counted[0]! };
  }

  async outline(query: OutlineQuery): Promise<Outline | Gone> {
    const position = parsePosition(query.at);
    if (position === null || position.epoch !== this.epoch) return this.#gone();
    const found = await this.#planned(() => this.#outline(position.instant, query));
    if (found === null) return this.#gone();
    const { fields } = this.#outlines;
    const deciding = found.deciding.map((values) => spread(values, fields, this.#columns.length));
    return { kind: "outline", position: query.at, ...found, deciding };
  }

  async snapshotWithMeta(query: SnapshotQuery): Promise<{ kind: "rows"; position: Position; rows: MetaRow[] } | Gone> {
    const width = this.#columns.length;
    const rows = await this.#kept(["meta", query], async () => {
      const found = await this.#snapshotRows(query, [...this.#columns, ...this.#metaColumns()]);
      return found && found.map((row): MetaRow => ({ row: row.slice(0, width), meta: metaOf(row.slice(width)) }));
    });
    return rows === null ? this.#gone() : { kind: "rows", position: query.at, rows };
  }

  async *scan(query: SnapshotQuery, signal: AbortSignal): AsyncGenerator<Row[]> {
    const floors = await this.#floors(query);
    let left = query.limit;
    let after: RowCursor | undefined = query.after;
    for (let i = 0; left > 0; i++) {
      signal.throwIfAborted();
      const limit = Math.min(left, floors.length > 0 ? this.#pieceRows : SCAN_ROWS);
      const from = floors[i] === undefined ? query.filter.from : Math.max(floors[i]!, query.filter.from ?? -Infinity);
      const piece = await this.#snapshotRows(
        { at: query.at, filter: { ...query.filter, from }, limit, ...(after === undefined ? {} : { after }) },
        this.#columns,
        signal,
      );
      if (piece === null) throw this.#goneError();
      if (piece.length > 0) yield piece;
      if (piece.length < limit) return;
      const last = piece.at(-1)!;
      after = { eventTime: last[this.#feed.eventTime] as number, key: last[this.#feed.key] as string };
      left -= piece.length;
    }
  }

  /**
   * Times (epoch ms) below which no row of the nth piece lies, so that a piece is not searched for among all older rows. Empty
   * where the rows are not those of files, but folded from them.
   */
  #floors(query: SnapshotQuery): Promise<number[]> {
    const position = parsePosition(query.at);
    if (position === null || position.epoch !== this.epoch || query.limit <= this.#pieceRows)
      return Promise.resolve([]);
    return this.#planned(async () => {
      const plan = await this.#plan(position.instant, query.filter);
      if (plan?.from !== "state") return [];
      return this.#engine.read(async (connection) => {
        const source = await this.#scanner.source(connection, plan.slices);
        const result = await connection.run(floorsQuery(this.#feed, source, query, this.#pieceRows));
        return (await result.getRowsJS()).map(([floor]) => Number(floor));
      });
    });
  }

  async changes(since: Position, until?: Position, most = Number.MAX_SAFE_INTEGER - 1): Promise<Changes> {
    const head = this.#commits.head();
    const from = parsePosition(since);
    const to =
      until === undefined ? parsePosition(positionOf(this.epoch, head?.instant ?? null)) : parsePosition(until);
    if (from === null || to === null) return { kind: "reset", reason: "bad-since" };
    if (from.epoch !== this.epoch || to.epoch !== this.epoch) return { kind: "reset", reason: "epoch" };
    const newest = head?.instant ?? "0";
    if (to.instant > newest || from.instant > to.instant) return { kind: "reset", reason: "bad-since" };
    if (from.instant === to.instant) return { kind: "delta", from: since, to: since, up: [], del: [] };
    const reach = this.#commits.reach();
    if (from.instant !== "0" && reach !== null && from.instant < reach) return this.#gone();
    const end = positionOf(this.epoch, to.instant);
    const limit = most + 1;
    const up = await this.#kept(["changes", since, end, limit], () =>
      this.#changedRows(from.instant, to.instant, limit),
    );
    if (up !== null && up.length > most) return { kind: "too-many" };
    return up === null ? this.#gone() : { kind: "delta", from: since, to: end, up, del: [] };
  }

  async timeline(query: {
    limit: number;
    after?: Instant;
  }): Promise<{ entries: TimelineEntry[]; next: Instant | null }> {
    const readable = new Set(this.#commits.recent().map(({ file }) => file));
    return timelinePage(this.#main, query, ({ file, instant }) =>
      readable.has(file) ? positionOf(this.epoch, instant) : null,
    );
  }

  history(key: string): Promise<Version[]> {
    return this.#planned(async () => {
      const head = this.#commits.head();
      if (head === null) return [];
      const table = this.#versions ?? this.#main;
      const slices = [...table.slices()].sort(byArrival);
      if (slices.length === 0) return [];
      const feed = this.#feed;
      const rows = await this.#engine.read(async (connection) => {
        const source = await this.#scanner.source(connection, slices);
        const inner = `SELECT * FROM ${source} WHERE ${columnOf(feed, feed.key)} = ${literal(key)} AND _hoodie_commit_time <= ${literal(head.instant)}`;
        const columns = [textColumn("_hoodie_commit_time"), ...this.#columns];
        return fetchRows(connection, inner, columns, orderExpression(feed), FEW);
      });
      return rows.map(([instant, ...row]) => ({ instant: instant as Instant, row }));
    });
  }

  statistics(): Promise<Statistics> {
    return this.#planned(async () => {
      const head = this.#commits.head();
      if (head === null) return { rows: 0, byStatus: {}, newestEventAt: null };
      return this.#answers.get(`statistics ${head.instant}`, async () => {
        const isState = this.#feed.writeMode === "upsert";
        const slices = this.#main.slices();
        const value = isState
          ? await this.#statistics.ofSlices(slices)
          : await this.#statistics.ofFold([...slices].sort(byArrival), head.instant);
        return { value, bytes: 0 };
      });
    });
  }

  pins(): readonly Pin[] {
    return this.options.pins.all().map(({ instant, committedAt, pinnedAt, note, rows }) => ({
      instant,
      committedAt,
      pinnedAt,
      note,
      rows,
    }));
  }

  async pin(at: Head & { instant: Instant }, note: string, pinnedAt: number, limit: number): Promise<Pin> {
    const { pins } = this.options;
    const { instant, committedAt } = at;
    return pins.add({ instant, committedAt, pinnedAt, note }, async (temporary) => {
      const target = pins.storage.locate(temporary);
      const written = await this.#planned(() => this.#copySnapshot(instant, limit, target));
      if (written === null) throw this.#goneError();
      return written;
    });
  }

  unpin(instant: Instant): Promise<void> {
    return this.options.pins.remove(instant);
  }

  /** Writes the newest rows of an instant, with Hudi's columns, to one Parquet file. Null: gone. */
  async #copySnapshot(instant: Instant, limit: number, target: string) {
    const plan = (await this.#plan(instant, EVERYTHING)) ?? this.#pinned(instant);
    if (plan === null) return null;
    if (plan.from === "nothing") throw new AppError("not-found", `There are no events at ${instant} to keep.`);
    return this.#engine.read(async (connection) => {
      const sql = this.#planQuery(plan, await this.#scanner.source(connection, plan.slices), {
        filter: EVERYTHING,
        limit: limit + 1,
      });
      const columns = [...META_COLUMNS, ...this.#feed.fields.map((_, i) => columnOf(this.#feed, i))].join(", ");
      const copied = `COPY (SELECT ${columns} FROM (${sql}) ORDER BY ${rowOrder(this.#feed)} LIMIT ${limit}) TO ${literal(target)} (FORMAT parquet, COMPRESSION zstd)`;
      const [[rows]] = (await (await connection.run(copied)).getRowsJS()) as unknown as [[bigint]];
      if (Number(rows) < limit) return { rows: Number(rows), floor: null };
      const time = columnOf(this.#feed, this.#feed.eventTime);
      const oldest = `SELECT epoch_ms(min(${time})) FROM read_parquet(${literal(target)})`;
      const [[floor]] = (await (await connection.run(oldest)).getRowsJS()) as unknown as [[bigint]];
      return { rows: Number(rows), floor: Number(floor) };
    });
  }

  #isKnown(instant: Instant): Promise<boolean> {
    return this.options.pins.get(instant) === null ? this.#commits.has(instant) : Promise.resolve(true);
  }

  #pinned(instant: Instant | "0"): Plan | null {
    const { pins } = this.options;
    return pins.get(instant) === null ? null : { from: "pin", slices: [pins.slice(instant)], instant };
  }

  async #resolved(instant: Instant | null): Promise<Resolved> {
    if (instant === null) return this.#gone();
    const known = this.#commits.recent().find((commit) => commit.instant === instant);
    // Beyond the active timeline only the instant is left of the commit, which is when it was requested.
    const committedAt = known
      ? await this.#main.completedAt(known)
      : (this.options.pins.get(instant)?.committedAt ?? timeOf(instant));
    return { kind: "head", position: positionOf(this.epoch, instant), instant, committedAt };
  }

  #gone(): Gone {
    const oldest = this.#commits.reach();
    return {
      kind: "gone",
      oldest: oldest === null ? null : positionOf(this.epoch, oldest),
      oldestInstant: oldest,
    };
  }

  #goneError(): AppError {
    const { oldestInstant } = this.#gone();
    return new AppError("gone", "This instant is no longer kept.", { nearest: oldestInstant, oldest: oldestInstant });
  }

  /** Rows of completed positions never change: the same question gets the kept answer. Null (gone) is not kept. */
  async #kept<T>(question: readonly unknown[], ask: () => Promise<T[] | null>): Promise<T[] | null> {
    return this.#answers.get(JSON.stringify(question), async () => {
      const value = await ask();
      return { value, bytes: value === null || value.length > MOST_KEPT_ROWS ? Infinity : approximateBytes(value) };
    });
  }

  /** Null: gone. */
  #snapshotRows(
    query: SnapshotQuery,
    columns: readonly ResultColumn[],
    signal?: AbortSignal,
  ): Promise<WireValue[][] | null> {
    const position = parsePosition(query.at);
    if (position === null || position.epoch !== this.epoch) return Promise.resolve(null);
    return this.#planned(async () => {
      const { instant } = position;
      const guess = await this.#guessedFrom(instant, query);
      if (guess !== null) {
        const newest = { ...query, filter: { ...query.filter, from: guess } };
        const rows = await this.#rowsAt(instant, newest, columns, signal);
        if (rows?.length === query.limit) return rows;
      }
      return this.#rowsAt(instant, query, columns, signal);
    });
  }

  /** Null: gone. */
  async #rowsAt(
    instant: Instant | "0",
    query: SnapshotQuery,
    columns: readonly ResultColumn[],
    signal?: AbortSignal,
  ): Promise<WireValue[][] | null> {
    const plan = (await this.#plan(instant, query.filter)) ?? this.#pinned(instant);
    if (plan === null) return null;
    if (plan.from !== "log" || !plan.pruned) {
      const rows = await this.#runPlan(plan, query, columns, signal);
      return plan.from !== "pin" || this.#isInPin(plan.instant, query, rows.length) ? rows : null;
    }
    const ordering = this.#columns[this.#feed.ordering]!;
    const isAsked = columns.includes(ordering);
    const rows = await this.#runPlan(plan, query, isAsked ? columns : [...columns, ordering], signal);
    const place = columns.indexOf(ordering);
    const orderings = rows.map((row) => (isAsked ? row[place]! : row.pop()!));
    if (this.#isProven(orderings, query.filter)) return rows;
    const whole = await this.#plan(instant, query.filter, { prune: false });
    return whole && this.#runPlan(whole, query, columns, signal);
  }

  /** One number, or null: gone. */
  async #count(instant: Instant | "0", { at, filter, within }: CountQuery): Promise<[number] | null> {
    const guess = await this.#guessedFrom(instant, { at, filter: EVERYTHING, limit: within });
    for (const from of guess === null ? [null] : [guess, null]) {
      const plan = (await this.#plan(instant, { ...EVERYTHING, from })) ?? this.#pinned(instant);
      if (plan === null) return null;
      if (plan.from === "nothing") return [0];
      const [count, found, isProven] = await this.#engine.read(async (connection) => {
        const source = await this.#scanner.source(connection, plan.slices);
        const asked = { filter, within, from };
        const sql =
          plan.from === "log"
            ? logCountQuery(this.#feed, source, plan.instant, asked, plan.versions)
            : stateCountQuery(this.#feed, source, asked);
        const [row] = await (await connection.run(sql)).getRowsJS();
        return [Number(row![0]), Number(row![1]), row![2] === true];
      });
      if (plan.from === "pin" && !this.#isInPin(plan.instant, { at, filter: EVERYTHING, limit: within }, found))
        return null;
      if (from === null || (found === within && isProven)) return [count];
    }
    return null;
  }

  /** Null: gone. */
  async #outline(instant: Instant | "0", query: OutlineQuery): Promise<OutlineRows | null> {
    const asked = { at: query.at, filter: EVERYTHING, limit: query.within };
    const guess = await this.#guessedFrom(instant, asked);
    for (const from of guess === null ? [null] : [guess, null]) {
      const plan = (await this.#plan(instant, { ...EVERYTHING, from })) ?? this.#pinned(instant);
      if (plan === null) return null;
      if (plan.from === "nothing") return this.#outlines.empty();
      const isEnough = (rows: number) =>
        plan.from === "pin" ? this.#isInPin(plan.instant, asked, rows) : from === null || rows === query.within;
      const files = { slices: plan.slices, versions: versionsOf(plan), isLog: plan.from === "log", from };
      const found = await this.#engine.read((connection) => this.#outlines.read(connection, files, query, isEnough));
      if (found !== null) return found;
    }
    return null;
  }

  /**
   * A time from which on there are probably as many rows as the query wants: only the files that reach so far need to be
   * folded then. Null where all of them would be, or nothing can be told.
   */
  async #guessedFrom(instant: Instant | "0", { filter, limit, after }: SnapshotQuery): Promise<number | null> {
    if (instant === "0" || this.#versions === null || after !== undefined) return null;
    if (filter.to !== null || filter.text !== null || filter.columns.length > 0) return null;
    if (this.#stateSlices(instant) !== null) return null;
    const bounds = await this.#bounds.of(await this.#decidingSlices(instant, filter));
    bounds.sort((a, b) => b.latest - a.latest);
    let wanted = limit * 1.25 + SPARE_ROWS;
    for (const { latest, rows } of bounds) {
      if (wanted <= 0) return latest + 1;
      if (rows === null) return null;
      wanted -= rows;
    }
    return null;
  }

  /** A pin ends at its floor: a question that reaches below it is answered only when the rows above were enough. */
  #isInPin(instant: Instant, { filter, limit }: SnapshotQuery, found: number): boolean {
    const floor = this.options.pins.get(instant)?.floor ?? null;
    return floor === null || found >= limit || (filter.from !== null && filter.from > floor);
  }

  async #plan(instant: Instant | "0", filter: Filter, { prune } = { prune: true }): Promise<Plan | null> {
    if (instant === "0") return { from: "nothing" };
    const head = this.#commits.head();
    if (head === null || instant > head.instant) return null;
    const slices = this.#stateSlices(instant);
    if (slices !== null) {
      const found = slices.filter(({ partition }) => this.#mayHold(partition, filter));
      return found.length === 0 ? { from: "nothing" } : { from: "state", slices: found };
    }
    const reach = this.#commits.reach();
    if (this.#versions === null || reach === null || instant < reach) return null;
    const logged = this.#logSlices(instant);
    const needed = prune ? await this.#decidingSlices(instant, filter) : logged;
    const pruned = needed.length < logged.length;
    if (!(await this.#isComplete(reach, filter))) return this.#planWithState(instant, reach, filter, needed, pruned);
    if (needed.length === 0) return { from: "nothing" };
    return { from: "log", slices: needed, instant, pruned, versions: null };
  }

  /**
   * For events whose versions left the log: what the state still holds of them was committed before the log's reach, and is
   * therefore what they were at the instant. Null when one of them changed after the instant, because what it was is gone.
   */
  async #planWithState(
    instant: Instant,
    reach: Instant,
    filter: Filter,
    logged: readonly FileSlice[],
    pruned: boolean,
  ): Promise<Plan | null> {
    const state = this.#main.slices().filter(({ partition }) => this.#mayHold(partition, filter));
    const slices = [...logged, ...state];
    const versions = `(${FILE_INDEX} < ${logged.length} OR _hoodie_commit_time < ${literal(reach)})`;
    const later = this.#versions!.slices().filter((slice) => lastCommit(slice) > instant);
    if (later.length > 0) {
      const before = { ...filter, to: Math.min(filter.to ?? Infinity, timeOf(reach) + MAX_AHEAD_MS) };
      const isUnknown = await this.#engine.read(async (connection) => {
        const known = slices.length === 0 ? null : await this.#scanner.source(connection, slices);
        const newer = await this.#scanner.source(connection, later);
        const result = await connection.run(unknownQuery(this.#feed, known, newer, { instant, versions, before }));
        return (await result.getRowsJS()).length > 0;
      });
      if (isUnknown) return null;
    }
    if (slices.length === 0) return { from: "nothing" };
    return { from: "log", slices, instant, pruned, versions };
  }

  /** The slices that are the state at an instant, null when they are not all kept (or there is no state table). */
  #stateSlices(instant: Instant): readonly FileSlice[] | null {
    if (this.#feed.writeMode === "append") return null;
    if (instant === this.#commits.head()?.instant) return this.#main.slices();
    const kept = keptSince(this.#main);
    return kept === null || instant >= kept ? this.#main.slices(instant) : null;
  }

  #logSlices(until: Instant): FileSlice[] {
    return this.#versions!.slices()
      .filter((slice) => firstCommit(slice) <= until)
      .sort(byArrival);
  }

  /** Whether a partition of the state may hold rows of the filter's times. Other schemes than ours are never skipped. */
  #mayHold(partition: string, { from, to }: Pick<Filter, "from" | "to">): boolean {
    const { partitionColumn, granularity } = this.#feed;
    if (!partition.startsWith(`${partitionColumn}=`)) return true;
    const value = partition.slice(partitionColumn.length + 1);
    if (from !== null && value < partitionValue(granularity, from)) return false;
    return to === null || value <= partitionValue(granularity, to);
  }

  /** Slices of the log until an instant that may hold versions with event times or ordering values from `from` on. */
  async #decidingSlices(until: Instant, { from }: Pick<Filter, "from">): Promise<FileSlice[]> {
    const logged = this.#logSlices(until);
    if (from === null) return logged;
    const near = logged.filter((slice) => lastCommit(slice) >= instantAt(from - MAX_AHEAD_MS));
    const bounds = await this.#bounds.of(near);
    return near.filter((_, i) => bounds[i]!.latest >= from);
  }

  /**
   * Whether a fold over recent files alone was enough: versions in the others have ordering values before `from`, so they
   * cannot win against these rows. (An event whose time moved forward may have its newest version in an older file.)
   */
  #isProven(orderings: readonly WireValue[], { from }: Pick<Filter, "from">): boolean {
    const { ordering, fields } = this.#feed;
    const { type } = fields[ordering]!;
    if (from === null) return true;
    if (type.kind !== "timestamp") return orderings.length === 0;
    const least = type.unit === "millis" ? from : from * 1000;
    return orderings.every((value) => Number(value) >= least);
  }

  /**
   * Whether the log has all versions of the events that the filter asks for. It has when nothing was removed from it since
   * their partition of the state came to be, or when they happened later than a day after its first commit.
   */
  async #isComplete(reach: Instant, filter: Filter): Promise<boolean> {
    if (this.#versions === this.#main) return true;
    const safe = partitionValue(this.#feed.granularity, timeOf(reach) + MAX_AHEAD_MS);
    const prefix = `${this.#feed.partitionColumn}=`;
    for (const partition of this.#main.partitions) {
      if (!this.#mayHold(partition, filter)) continue;
      if (partition.startsWith(prefix) && partition.slice(prefix.length) > safe) continue;
      if ((await this.#partitionCreated(partition)) < reach) return false;
    }
    return true;
  }

  #partitionCreated(partition: string): Promise<Instant> {
    let created = this.#createdAt.get(partition);
    if (created === undefined) {
      const { storage, folder } = this.#main;
      created = storage.read(`${folder}/${partition}/${PARTITION_METADATA}`).then((bytes) => {
        const match = /^commitTime=(\d{17})$/m.exec(Buffer.from(bytes).toString("utf8"));
        return match?.[1] ?? "0";
      });
      created.catch(() => this.#createdAt.delete(partition));
      this.#createdAt.set(partition, created);
    }
    return created;
  }

  async #runPlan(
    plan: Plan,
    asked: Asked,
    columns: readonly ResultColumn[],
    signal?: AbortSignal,
  ): Promise<WireValue[][]> {
    if (plan.from === "nothing" || asked.limit <= 0) return [];
    return this.#interruptible(signal, async (connection) => {
      const source = await this.#scanner.source(connection, plan.slices);
      return fetchRows(connection, this.#planQuery(plan, source, asked), columns, rowOrder(this.#feed), asked.limit);
    });
  }

  #planQuery(plan: Exclude<Plan, { from: "nothing" }>, source: string, asked: Asked): string {
    return plan.from === "log"
      ? logQuery(this.#feed, source, plan.instant, asked, plan.versions)
      : stateQuery(this.#feed, source, asked);
  }

  /** Null: gone. At most `limit` rows, any of them when there are more. */
  #changedRows(since: Instant | "0", until: Instant, limit: number): Promise<WireValue[][] | null> {
    if (since === "0") {
      const at = positionOf(this.epoch, until);
      return this.#snapshotRows({ at, filter: EVERYTHING, limit }, this.#columns);
    }
    return this.#planned(async () => {
      const state = this.#stateSlices(until)?.filter((slice) => lastCommit(slice) > since);
      if (state === undefined && this.#versions === null) return null;
      if (state?.length === 0) return [];
      const all = state ?? this.#logSlices(until);
      const changed = all.filter((slice) => lastCommit(slice) > since);
      return this.#engine.read(async (connection) => {
        const source = await this.#scanner.source(connection, all);
        const sql =
          state !== undefined
            ? stateChangesQuery(source, since)
            : logChangesQuery(this.#feed, await this.#scanner.source(connection, changed), source, since, until);
        const bounded = `SELECT * FROM (${sql}) LIMIT ${BigInt(limit)}`;
        return fetchRows(connection, bounded, this.#columns, rowOrder(this.#feed), FEW);
      });
    });
  }

  /** Hudi's columns as those of a state row, whichever table it was read from. */
  #metaColumns(): ResultColumn[] {
    const { partitionColumn, granularity, eventTime } = this.#feed;
    const format = granularity === "day" ? "%Y-%m-%d" : "%Y-%m-%d-%H";
    const value = `strftime(make_timestamp(epoch_us(${columnOf(this.#feed, eventTime)})), '${format}')`;
    const path = `${literal(`${partitionColumn}=`)} || ${value}`;
    return [
      ...META_COLUMNS.map((column) => textColumn(column === "_hoodie_partition_path" ? path : column)),
      textColumn(value),
    ];
  }

  async #interruptible<T>(
    signal: AbortSignal | undefined,
    work: (connection: DuckDBConnection) => Promise<T>,
  ): Promise<T> {
    return this.#engine.read(async (connection) => {
      signal?.throwIfAborted();
      const interrupt = () => connection.interrupt();
      signal?.addEventListener("abort", interrupt, { once: true });
      try {
        return await work(connection);
      } catch (error) {
        signal?.throwIfAborted();
        throw error;
      } finally {
        signal?.removeEventListener("abort", interrupt);
      }
    });
  }

  /** Plans and asks; again when a file that the plan names was cleaned meanwhile. */
  async #planned<T>(ask: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await ask();
      } catch (error) {
        if (!isMissingFile(error)) throw error;
        if (attempt === MAX_PLANS) {
          throw new AppError(
            "engine-unavailable",
            `Files of ${this.#feed.name} were removed under the query ${MAX_PLANS} times in a row. Ask again.`,
            { retryAfterMs: 1_000 },
            { cause: error },
          );
        }
        if (this.options.foreignWriter) await Promise.all([this.#main.refresh(), this.options.log?.refresh()]);
      }
    }
  }
}

/** DuckDB tells it in words only. */
const isMissingFile = (error: unknown): boolean =>
  error instanceof Error && /No files found that match|No such file or directory/.test(error.message);

/** SQL condition on the rows of a plan's files that count. */
function versionsOf(plan: Exclude<Plan, { from: "nothing" }>): string {
  if (plan.from !== "log") return "true";
  const committed = `_hoodie_commit_time <= ${literal(plan.instant)}`;
  return plan.versions === null ? committed : `${committed} AND ${plan.versions}`;
}

/** A row of which only some fields were fetched; the others are null. */
function spread(values: readonly WireValue[], fields: readonly number[], width: number): Row {
  const row = new Array<WireValue>(width).fill(null);
  for (let i = 0; i < fields.length; i++) row[fields[i]!] = values[i]!;
  return row;
}

const metaOf = (values: readonly WireValue[]): MetaRow["meta"] => values as unknown as MetaRow["meta"];
