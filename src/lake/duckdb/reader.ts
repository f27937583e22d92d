/**
 * The embedded engine's reader of one feed. A position is read from the state's file slices while they are kept and from
 * the log beyond that; both give the same rows (tests/contract).
 *
 * Nothing is read before it is committed: what there is comes from the timelines that `HudiTable` keeps. A file that is
 * cleaned between plan and query makes the query fail, and it is planned again.
 */
import { AppError } from "../../model/app-error";
import { EVERYTHING } from "../../model/filter";
import { instantAt, timeOf, type Instant } from "../../model/instant";
import { parsePosition, positionOf, type Position } from "../../model/position";
import { spreadRow, type Row, type WireValue } from "../../model/value";
import { Answers } from "../answers";
import { epochOf } from "../hudi/epoch";
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
import { changedRows, keysThatLeft } from "./changed-rows";
import { countedVersions } from "./drop-rule";
import { keyHistory } from "./key-history";
import { byArrival } from "./log-fold";
import { metaColumns } from "./meta-columns";
import { copySnapshot } from "./pin-copy";
import { readerParts, type ReaderOptions, type ReaderParts } from "./reader-parts";
import { replanned } from "./replanned";
import { SnapshotPlanner } from "./snapshot-plan";
import { SnapshotRows } from "./snapshot-rows";
import { StatisticsOfFiles } from "./statistics";
import { timelinePage } from "./timeline-entries";

const MAX_ANSWER_BYTES = 48 * 2 ** 20;
const SCAN_ROWS = 50_000;
/** The same where a piece costs only its own rows: what it takes in memory while it is gathered is several times its size. */
const PIECE_ROWS = 20_000;

export class EmbeddedReader implements FeedReader, FeedOutlines, FeedPins {
  readonly #parts: ReaderParts;
  readonly #planner: SnapshotPlanner;
  readonly #rows: SnapshotRows;
  readonly #statistics: StatisticsOfFiles;
  readonly #answers: Answers;
  readonly #pieceRows: number;

  constructor(options: ReaderOptions) {
    this.#parts = readerParts(options);
    this.#planner = new SnapshotPlanner(this.#parts);
    this.#rows = new SnapshotRows(this.#parts, this.#planner);
    const { engine, scanner, feed } = this.#parts;
    this.#statistics = new StatisticsOfFiles(engine, scanner, feed);
    this.#answers = new Answers(options.maxAnswerBytes ?? MAX_ANSWER_BYTES);
    this.#pieceRows = options.pieceRows ?? PIECE_ROWS;
  }

  get epoch(): string {
    return epochOf(this.#parts.main);
  }

  async head(): Promise<Head> {
    await this.#parts.look();
    return this.#known();
  }

  async #known(): Promise<Head> {
    const head = this.#parts.commits.head();
    return {
      position: positionOf(this.epoch, head?.instant ?? null),
      instant: head?.instant ?? null,
      committedAt: head && (await this.#parts.main.completedAt(head)),
    };
  }

  async reach(): Promise<Instant | null> {
    await this.#parts.look();
    return this.#parts.commits.reach();
  }

  resolve(at: { time: number } | { instant: Instant } | { position: Position }): Promise<Resolved> {
    return replanned(this.#parts, async () => {
      const head = await this.head();
      if ("time" in at) {
        if (head.instant === null) return { kind: "head", ...head };
        if (at.time >= timeOf(head.instant)) return { kind: "head", ...head };
        return this.#resolved(await this.#parts.commits.floor(instantAt(Math.max(0, Math.floor(at.time)))));
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
    return replanned(this.#parts, () => this.#parts.commits.between(after, until, limit));
  }

  async snapshot(query: SnapshotQuery): Promise<{ kind: "rows"; position: Position; rows: Row[] } | Gone> {
    const rows = await this.#kept(["snapshot", query], async () => {
      const fields = query.fields && [...query.fields];
      if (fields === undefined) return this.#rows.rows(query, this.#parts.columns);
      const found = await this.#rows.rows(
        query,
        fields.map((field) => this.#parts.columns[field]!),
      );
      return found && found.map((values) => spreadRow(values, fields, this.#parts.columns.length));
    });
    return rows === null ? this.#gone() : { kind: "rows", position: query.at, rows };
  }

  async count(query: CountQuery): Promise<{ kind: "count"; position: Position; count: number } | Gone> {
    const position = parsePosition(query.at);
    if (position === null || position.epoch !== this.epoch) return this.#gone();
    const counted = await this.#kept(["count", query], () =>
      replanned(this.#parts, () => this.#rows.count(position.instant, query)),
    );
    return counted === null ? this.#gone() : { kind: "count", position: query.at, count: counted[0]! };
  }

  async outline(query: OutlineQuery): Promise<Outline | Gone> {
    const position = parsePosition(query.at);
    if (position === null || position.epoch !== this.epoch) return this.#gone();
    const found = await replanned(this.#parts, () => this.#rows.outline(position.instant, query));
    if (found === null) return this.#gone();
    const fields = this.#rows.outlinedFields;
    const spread = (rows: WireValue[][], of: readonly number[]) =>
      rows.map((values) => spreadRow(values, of, this.#parts.columns.length));
    const deciding = spread(found.deciding, fields.deciding);
    const runs = found.runs && { ...found.runs, undecided: spread(found.runs.undecided, fields.undecided) };
    return { kind: "outline", position: query.at, ...found, deciding, runs };
  }

  async snapshotWithMeta(query: SnapshotQuery): Promise<{ kind: "rows"; position: Position; rows: MetaRow[] } | Gone> {
    const width = this.#parts.columns.length;
    const rows = await this.#kept(["meta", query], async () => {
      const found = await this.#rows.rows(query, [...this.#parts.columns, ...metaColumns(this.#parts.feed)]);
      return found && found.map((row): MetaRow => ({ row: row.slice(0, width), meta: metaOf(row.slice(width)) }));
    });
    return rows === null ? this.#gone() : { kind: "rows", position: query.at, rows };
  }

  async *scan(query: SnapshotQuery, signal: AbortSignal): AsyncGenerator<Row[]> {
    const floors = await this.#rows.floors(query, this.#pieceRows);
    let left = query.limit;
    let after: RowCursor | undefined = query.after;
    for (let i = 0; left > 0; i++) {
      signal.throwIfAborted();
      const limit = Math.min(left, floors.length > 0 ? this.#pieceRows : SCAN_ROWS);
      const from = floors[i] === undefined ? query.filter.from : Math.max(floors[i]!, query.filter.from ?? -Infinity);
      const piece = await this.#rows.rows(
        { at: query.at, filter: { ...query.filter, from }, limit, ...(after === undefined ? {} : { after }) },
        this.#parts.columns,
        signal,
      );
      if (piece === null) throw this.#goneError();
      if (piece.length > 0) yield piece;
      if (piece.length < limit) return;
      const last = piece.at(-1)!;
      after = { eventTime: last[this.#parts.feed.eventTime] as number, key: last[this.#parts.feed.key] as string };
      left -= piece.length;
    }
  }

  async changes(since: Position, until?: Position, most = Number.MAX_SAFE_INTEGER - 1): Promise<Changes> {
    await this.#parts.look();
    const head = this.#parts.commits.head();
    const from = parsePosition(since);
    const to =
      until === undefined ? parsePosition(positionOf(this.epoch, head?.instant ?? null)) : parsePosition(until);
    if (from === null || to === null) return { kind: "reset", reason: "bad-since" };
    if (from.epoch !== this.epoch || to.epoch !== this.epoch) return { kind: "reset", reason: "epoch" };
    const newest = head?.instant ?? "0";
    if (to.instant > newest || from.instant > to.instant) return { kind: "reset", reason: "bad-since" };
    if (from.instant === to.instant) return { kind: "delta", from: since, to: since, up: [], del: [] };
    const reach = this.#parts.commits.reach();
    if (from.instant !== "0" && reach !== null && from.instant < reach) return this.#gone();
    const end = positionOf(this.epoch, to.instant);
    const limit = most + 1;
    const [up, del] = await Promise.all([
      this.#kept(["changes", since, end, limit], () =>
        from.instant === "0"
          ? this.#rows.rows({ at: end, filter: EVERYTHING, limit }, this.#parts.columns)
          : changedRows(this.#parts, this.#planner, from.instant, to.instant, limit),
      ),
      this.#kept(["left", since, end, limit], () =>
        keysThatLeft(this.#parts, this.#planner, from.instant, to.instant, limit),
      ),
    ]);
    if (up === null || del === null) return this.#gone();
    if (up.length + del.length > most) return { kind: "too-many" };
    return { kind: "delta", from: since, to: end, up, del };
  }

  async timeline(query: {
    limit: number;
    after?: Instant;
  }): Promise<{ entries: TimelineEntry[]; next: Instant | null }> {
    const readable = new Map(this.#parts.commits.recent().map(({ file, instant }) => [file, instant]));
    return timelinePage(this.#parts.main, query, ({ file }) => {
      const instant = readable.get(file);
      return instant === undefined ? null : positionOf(this.epoch, instant);
    });
  }

  history(key: string): Promise<Version[]> {
    return keyHistory(this.#parts, key);
  }

  statistics(): Promise<Statistics> {
    return replanned(this.#parts, async () => {
      const head = this.#parts.commits.head();
      if (head === null) return { rows: 0, byStatus: {}, newestEventAt: null };
      return this.#answers.get(`statistics ${head.instant}`, async () => {
        const isState = this.#parts.feed.writeMode === "upsert";
        const slices = this.#parts.main.slices();
        const counted = countedVersions(this.#parts.feed, this.#parts.main.drops, head.instant);
        const value = isState
          ? await this.#statistics.ofSlices(slices)
          : await this.#statistics.ofFold([...slices].sort(byArrival), head.instant, counted);
        return { value, bytes: 0 };
      });
    });
  }

  pins(): readonly Pin[] {
    return this.#parts.pins.all();
  }

  refreshPins(): Promise<void> {
    return this.#parts.pins.refresh();
  }

  async pin(at: Head & { instant: Instant }, note: string, pinnedAt: number, limit: number): Promise<Pin> {
    const { pins } = this.#parts;
    const { instant, committedAt } = at;
    return pins.add({ instant, committedAt, pinnedAt, note }, async (temporary) => {
      const target = pins.storage.locate(temporary);
      const written = await replanned(this.#parts, () =>
        copySnapshot(this.#parts, this.#planner, instant, limit, target),
      );
      if (written === null) throw this.#goneError();
      return written;
    });
  }

  unpin(instant: Instant): Promise<void> {
    return this.#parts.pins.remove(instant);
  }

  async #isKnown(instant: Instant): Promise<boolean> {
    const { pins, commits } = this.#parts;
    return pins.get(instant) !== null || (await commits.has(instant)) || (await pins.find(instant)) !== null;
  }

  async #resolved(instant: Instant | null): Promise<Resolved> {
    if (instant === null) return this.#gone();
    const known = this.#parts.commits.recent().find((commit) => commit.instant === instant);
    // Beyond the active timeline only the instant is left of the commit, which is when it was requested.
    const committedAt = known
      ? await this.#parts.main.completedAt(known)
      : (this.#parts.pins.get(instant)?.committedAt ?? timeOf(instant));
    return { kind: "head", position: positionOf(this.epoch, instant), instant, committedAt };
  }

  #gone(): Gone {
    const oldest = this.#parts.commits.reach();
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
  #kept<T>(question: readonly unknown[], ask: () => Promise<T[] | null>): Promise<T[] | null> {
    return this.#answers.getRows(JSON.stringify(question), ask);
  }
}

const metaOf = (values: readonly WireValue[]): MetaRow["meta"] => values as unknown as MetaRow["meta"];
