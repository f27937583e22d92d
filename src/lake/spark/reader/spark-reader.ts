/**
 * The reader of one feed on Spark. Positions are commits of the log; a position is read from the state's slices of its batch
 * while they are kept and from the log beyond that, with equal rows (tests/contract).
 *
 * A Spark server does about two full loads a second. So answers about completed positions are kept, equal questions share one
 * run, and whether there is anything new is asked once a second for all clients together.
 */
import type { TableDrops } from "../../hudi/table-drops";
import { AppError } from "../../../model/app-error";
import type { Clock } from "../../../clock";
import type { Feed } from "../../../model/feed";
import { EVERYTHING } from "../../../model/filter";
import { timeOf, instantAt, type Instant } from "../../../model/instant";
import { parsePosition, positionOf, type Position } from "../../../model/position";
import { spreadRow, type Row, type WireValue } from "../../../model/value";
import { Answers } from "../../answers";
import type {
  Changes,
  CountQuery,
  FeedReader,
  Gone,
  Head,
  MetaRow,
  Pin,
  Resolved,
  RowCursor,
  SnapshotQuery,
  Statistics,
  TimelineEntry,
  Version,
} from "../../reader";
import { scanPiece } from "../../scan-piece";
import type { SparkPins } from "../pins";
import { epochOf } from "./epoch";
import { feedSource, type FeedSource, type SparkQueries } from "./feed-source";
import { versionsOfKey } from "./history";
import { metaColumns, MetaTimes } from "./meta-columns";
import { Positions, type HeadCommit } from "./positions";
import { Snapshots } from "./snapshot";
import { newestWithMeta, type Relation } from "./snapshot-sql";
import { statisticsOf, statisticsQuery } from "./statistics";
import { timelinePage } from "./timeline-page";
import { wireColumns, type WireColumn } from "./wire-columns";

export interface SparkReaderOptions {
  feed: Feed;
  /** Where the feed's tables are attached. */
  spark: SparkQueries;
  /** Spark's database with the tables `<feed>` and `<feed>_log`. */
  database: string;
  /** Paces the looks for what is new: one that stands still never looks twice. */
  clock: Clock;
  /** Of the table of the feed's name. */
  drops: TableDrops;
  /** Absent = nothing can be pinned. */
  pins?: SparkPins;
  /** Bound of the kept answers. */
  maxAnswerBytes?: number;
}

const MAX_ANSWER_BYTES = 48 * 2 ** 20;
/** Heads that may have gone before they were counted. */
const MAX_HEADS = 4;
/** Each piece is a query of its own, whose rows the server holds until they are fetched. */
const SCAN_ROWS = 100_000;

export class SparkReader implements FeedReader {
  readonly #feed: Feed;
  readonly #source: FeedSource;
  readonly #positions: Positions;
  readonly #snapshots: Snapshots;
  readonly #pins: SparkPins | null;
  readonly #answers: Answers;
  readonly #columns: readonly WireColumn[];
  #epoch: string;

  private constructor(options: SparkReaderOptions, source: FeedSource, epoch: string) {
    this.#feed = options.feed;
    this.#source = source;
    this.#epoch = epoch;
    this.#positions = new Positions(
      source,
      options.drops,
      options.clock,
      async () => void (this.#epoch = await epochOf(source)),
    );
    this.#pins = options.pins ?? null;
    this.#snapshots = new Snapshots(source, this.#positions, this.#pins);
    this.#answers = new Answers(options.maxAnswerBytes ?? MAX_ANSWER_BYTES);
    this.#columns = wireColumns(options.feed);
  }

  /** @throws AppError engine-unavailable */
  static async open(options: SparkReaderOptions): Promise<SparkReader> {
    const source = feedSource(options.feed, options.spark, options.database);
    return new SparkReader(options, source, await epochOf(source));
  }

  get epoch(): string {
    return this.#epoch;
  }

  /** The writer has committed: what it wrote is the head, without a look. `state` is the instant of the state's commit. */
  committed(head: HeadCommit): void {
    this.#positions.committed(head);
  }

  /** What one commit of the state wrote, while it is the newest: without a look at timelines, for the writer that made it. */
  rowsOfCommit(commit: { instant: Instant; partitions: readonly string[] }): Promise<Row[]> {
    return this.#snapshots.ofCommit(commit);
  }

  /** No version that is kept was committed before; null when there is none. */
  oldestVersion(): Promise<Instant | null> {
    return this.#positions.oldestVersion();
  }

  /** The writer has cleaned, archived or dropped what is old, or let rows go. */
  maintained(): void {
    this.#positions.maintained();
  }

  async head(): Promise<Head> {
    const head = await this.#positions.head();
    if (head === null) return { position: positionOf(this.epoch, null), instant: null, committedAt: null };
    return { position: positionOf(this.epoch, head.instant), instant: head.instant, committedAt: head.committedAt };
  }

  reach(): Promise<Instant | null> {
    return this.#positions.reach();
  }

  async resolve(at: { time: number } | { instant: Instant } | { position: Position }): Promise<Resolved> {
    if ("time" in at) {
      const head = await this.head();
      if (head.instant === null || at.time >= timeOf(head.instant)) return { kind: "head", ...head };
      return this.#resolved(await this.#positions.floor(instantAt(Math.max(0, Math.floor(at.time)))));
    }
    if ("instant" in at) return this.#resolvedExactly(at.instant);
    const position = parsePosition(at.position);
    if (position === null || position.epoch !== this.epoch) return this.#gone();
    if (position.instant === "0") return { kind: "head", position: at.position, instant: null, committedAt: null };
    return this.#resolvedExactly(position.instant);
  }

  instants({ after, until, limit }: { after: Instant | null; until: Instant; limit: number }): Promise<Instant[]> {
    return this.#positions.between(after, until, limit);
  }

  async snapshot(query: SnapshotQuery): Promise<{ kind: "rows"; position: Position; rows: Row[] } | Gone> {
    const rows = await this.#kept(["snapshot", query], async () => {
      const { fields } = query;
      if (fields === undefined) return this.#rowsOf(query, this.#columns);
      const found = await this.#rowsOf(query, wireColumns(this.#feed, fields));
      return found && found.map((values) => spreadRow(values, fields, this.#columns.length));
    });
    return rows === null ? this.#gone() : { kind: "rows", position: query.at, rows };
  }

  async snapshotWithMeta(query: SnapshotQuery): Promise<{ kind: "rows"; position: Position; rows: MetaRow[] } | Gone> {
    const width = this.#columns.length;
    const rows = await this.#kept(["meta", query], async () => {
      const found = await this.#rowsOf(query, [...this.#columns, ...metaColumns(this.#feed)]);
      if (found === null) return null;
      const times = new MetaTimes(this.#positions);
      const made: MetaRow[] = [];
      for (const row of found) {
        made.push({ row: row.slice(0, width), meta: await times.inPositions(row.slice(width) as string[]) });
      }
      return made;
    });
    return rows === null ? this.#gone() : { kind: "rows", position: query.at, rows };
  }

  async count({
    at,
    filter,
    within,
  }: CountQuery): Promise<{ kind: "count"; position: Position; count: number } | Gone> {
    const position = this.#parsed(at);
    if (position === null) return this.#gone();
    const counted = await this.#kept(["count", at, filter, within], async () => {
      const count = await this.#snapshots.count(position, filter, within);
      return count === null ? null : [count];
    });
    return counted === null ? this.#gone() : { kind: "count", position: at, count: counted[0]! };
  }

  async *scan(query: SnapshotQuery, signal: AbortSignal): AsyncGenerator<Row[]> {
    let left = query.limit;
    let after: RowCursor | undefined = query.after;
    while (left > 0) {
      signal.throwIfAborted();
      const limit = scanPiece(left, SCAN_ROWS);
      const place = after === undefined ? {} : { after };
      const asked = { at: query.at, filter: query.filter, limit, ...place };
      const piece = await this.#rowsOf(asked, this.#columns, signal);
      if (piece === null) throw await this.#goneError();
      if (piece.length > 0) yield piece;
      if (piece.length < limit) return;
      const last = piece.at(-1)!;
      after = { eventTime: last[this.#feed.eventTime] as number, key: last[this.#feed.key] as string };
      left -= piece.length;
    }
  }

  async changes(since: Position, until?: Position, most = Number.MAX_SAFE_INTEGER - 1): Promise<Changes> {
    const from = parsePosition(since);
    const end = until === undefined ? null : parsePosition(until);
    if (from === null || (until !== undefined && end === null)) return { kind: "reset", reason: "bad-since" };
    if (from.epoch !== this.epoch || (end !== null && end.epoch !== this.epoch)) {
      return { kind: "reset", reason: "epoch" };
    }
    const head = await this.#positions.headFrom(end?.instant ?? from.instant);
    const newest = head?.instant ?? "0";
    const to = end?.instant ?? newest;
    if (to > newest || from.instant > to) return { kind: "reset", reason: "bad-since" };
    if (from.instant === to) return { kind: "delta", from: since, to: since, up: [], del: [] };
    const reach = await this.#positions.reach();
    if (from.instant !== "0" && reach !== null && from.instant < reach) return this.#gone();
    const up = await this.#kept(["changes", from.instant, to, most], () => this.#changed(from.instant, to, most + 1));
    if (up === null) return this.#gone();
    if (up.length > most) return { kind: "too-many" };
    const del = await this.#kept(["left", from.instant, to, most], () => this.#left(from.instant, to, most + 1));
    if (del === null) return this.#gone();
    if (up.length + del.length > most) return { kind: "too-many" };
    return { kind: "delta", from: since, to: positionOf(this.epoch, to), up, del };
  }

  timeline(query: { limit: number; after?: Instant }): Promise<{ entries: TimelineEntry[]; next: Instant | null }> {
    return timelinePage(this.#source, this.#positions, this.epoch, query);
  }

  async history(key: string): Promise<Version[]> {
    const head = await this.#positions.head();
    return head === null ? [] : versionsOfKey(this.#source, key, head.instant);
  }

  async statistics(): Promise<Statistics> {
    for (let attempt = 1; attempt <= MAX_HEADS; attempt++) {
      const head = await this.#positions.head();
      if (head === null) return { rows: 0, byStatus: {}, newestEventAt: null };
      const counted = await this.#kept(["statistics", head.instant], async () => {
        const statement = (relation: Relation) => statisticsQuery(this.#feed, relation);
        const rows = await this.#snapshots.summary(head.instant, Infinity, statement);
        return rows && [statisticsOf(rows)];
      });
      if (counted !== null) return counted[0]!;
      await this.#positions.lookAgain(); // the head has moved on, and what it was is cleaned already
    }
    throw await this.#goneError();
  }

  /** As `FeedPins.pin`. @throws AppError gone */
  async pin(at: Head & { instant: Instant }, note: string, pinnedAt: number, limit: number): Promise<Pin> {
    if (this.#pins === null) throw new Error(`The reader of ${this.#feed.name} was opened without pins.`);
    const { instant, committedAt } = at;
    return this.#pins.add({ instant, committedAt, pinnedAt, note, limit }, async (keep) => {
      const kept = await this.#snapshots.on(instant, limit, async (relation) => {
        await keep(newestWithMeta(this.#feed, relation, limit));
        return true;
      });
      if (kept === null) throw await this.#goneError();
    });
  }

  #parsed(at: Position): Instant | "0" | null {
    const position = parsePosition(at);
    return position === null || position.epoch !== this.epoch ? null : position.instant;
  }

  /** Null: gone. */
  async #rowsOf(
    { at, filter, limit, after }: SnapshotQuery,
    columns: readonly WireColumn[],
    signal?: AbortSignal,
  ): Promise<WireValue[][] | null> {
    const instant = this.#parsed(at);
    if (instant === null) return null;
    const asked = { filter, limit, ...(after === undefined ? {} : { after }) };
    return this.#snapshots.rows(instant, asked, columns, signal === undefined ? {} : { signal });
  }

  #changed(since: Instant | "0", until: Instant, limit: number): Promise<WireValue[][] | null> {
    if (since !== "0") return this.#snapshots.changes(since, until, limit);
    return this.#rowsOf({ at: positionOf(this.epoch, until), filter: EVERYTHING, limit }, this.#columns);
  }

  async #left(since: Instant | "0", until: Instant, limit: number): Promise<string[] | null> {
    return since === "0" ? [] : this.#snapshots.left(since, until, limit);
  }

  async #resolvedExactly(instant: Instant): Promise<Resolved> {
    await this.#positions.headFrom(instant);
    if ((await this.#positions.floor(instant)) === instant) return this.#resolved(instant);
    const pin = (await this.#pins?.find(instant)) ?? null;
    return this.#resolved(pin === null ? null : instant);
  }

  async #resolved(instant: Instant | null): Promise<Resolved> {
    if (instant === null) return this.#gone();
    // Timelines forget when a commit completed, and pins do not.
    const committedAt = this.#pins?.committedAt(instant) ?? (await this.#positions.committedAt(instant));
    return { kind: "head", position: positionOf(this.epoch, instant), instant, committedAt };
  }

  async #gone(): Promise<Gone> {
    const oldest = await this.#positions.reach();
    const position = oldest === null ? null : positionOf(this.epoch, oldest);
    return { kind: "gone", oldest: position, oldestInstant: oldest };
  }

  async #goneError(): Promise<AppError> {
    const { oldestInstant } = await this.#gone();
    return new AppError("gone", "This instant is no longer kept.", { nearest: oldestInstant, oldest: oldestInstant });
  }

  /** Rows of completed positions never change: the same question gets the kept answer. Null (gone) is not kept. */
  #kept<T>(question: readonly unknown[], ask: () => Promise<T[] | null>): Promise<T[] | null> {
    return this.#answers.getRows(JSON.stringify([this.epoch, ...question]), ask);
  }
}
