/**
 * The reader of a feed whose table somebody else writes, by its timeline alone: there is no log beside it, so that the past
 * reaches as far as the table's cleaner and archiver leave it. While there is no table, the feed is empty; it appears when the
 * table does. Its answers are those of every reader; a table that cannot be followed (merge on read, without Hudi's columns)
 * makes them fail with a sentence that says why.
 */
import type { Clock } from "../../clock";
import { AppError } from "../../model/app-error";
import type { Feed } from "../../model/feed";
import { EVERYTHING } from "../../model/filter";
import { timeOf, type Instant } from "../../model/instant";
import { parsePosition, positionOf, type ParsedPosition, type Point, type Position } from "../../model/position";
import { spreadRow, type Row, type WireValue } from "../../model/value";
import { Answers, approximateBytes, MOST_KEPT_ROWS } from "../answers";
import { isPoint, type Cut } from "../hudi/cuts";
import type {
  Changes,
  CountQuery,
  FeedReader,
  Gone,
  Head,
  MetaRow,
  Resolved,
  RowCursor,
  SnapshotQuery,
  Statistics,
  TimelineEntry,
  Version,
} from "../reader";
import { scanPiece } from "../scan-piece";
import { adoptedHistory } from "./history";
import {
  headOf,
  NOTHING,
  readableCuts,
  type AdoptedLook,
  type AdoptedSource,
  type AskedRows,
  type Differences,
} from "./source";

export interface AdoptedReaderOptions {
  feed: Feed;
  source: AdoptedSource;
  clock: Clock;
  /** Bound of the kept answers. */
  maxAnswerBytes?: number;
}

const MAX_ANSWER_BYTES = 48 * 2 ** 20;
const SCAN_ROWS = 50_000;
/** How often rows are looked through for keys that several of them have. */
const DUPLICATES_MS = 600_000;

export class AdoptedReader implements FeedReader {
  readonly #feed: Feed;
  readonly #source: AdoptedSource;
  readonly #clock: Clock;
  readonly #answers: Answers;
  #look: AdoptedLook = NOTHING;
  #checkedAt = -Infinity;
  /** What went wrong where nobody waited. */
  #fault: unknown = null;

  /** Asks nothing of the table yet. */
  constructor({ feed, source, clock, maxAnswerBytes = MAX_ANSWER_BYTES }: AdoptedReaderOptions) {
    this.#feed = feed;
    this.#source = source;
    this.#clock = clock;
    this.#answers = new Answers(maxAnswerBytes);
  }

  get epoch(): string {
    return this.#look.epoch;
  }

  /** There was no table when it was last looked for. */
  get isAbsent(): boolean {
    return this.#look.isAbsent;
  }

  async head(): Promise<Head> {
    return this.#headAt(await this.#looked());
  }

  /** As far as is known without asking: a page that says so does not wait for an engine that is away. */
  async reach(): Promise<Instant | null> {
    const look = this.#source.known() ?? (await this.#looked());
    return readableCuts(look)[0]?.instant ?? null;
  }

  async resolve(at: { time: number } | { instant: Instant } | { position: Position }): Promise<Resolved> {
    const look = await this.#looked();
    if ("time" in at) {
      const head = this.#headAt(look);
      if (head.instant === null || at.time >= timeOf(head.instant)) return { kind: "head", ...head };
      return this.#resolved(readableCuts(look).findLast(({ instant }) => timeOf(instant) <= at.time) ?? null);
    }
    if ("instant" in at) return this.#resolved(await this.#cut((cut) => cut.instant === at.instant));
    const position = parsePosition(at.position);
    if (position === null || position.epoch !== this.epoch) return this.#gone();
    if (position.instant === "0") return { kind: "head", position: at.position, instant: null, committedAt: null };
    return this.#resolved(await this.#cutOf(position));
  }

  async instants({
    after,
    until,
    limit,
  }: {
    after: Instant | null;
    until: Instant;
    limit: number;
  }): Promise<Instant[]> {
    const cuts = readableCuts(await this.#looked());
    const found = cuts.filter(({ instant }) => (after === null || instant > after) && instant <= until);
    return found.slice(0, limit).map(({ instant }) => instant);
  }

  async snapshot(query: SnapshotQuery): Promise<{ kind: "rows"; position: Position; rows: Row[] } | Gone> {
    await this.#looked();
    const rows = await this.#kept(["snapshot", query], async () => {
      const { fields } = query;
      const found = await this.#rowsOf(query);
      if (fields === undefined || found === null) return found;
      return found.map((values) => spreadRow(values, fields, this.#feed.fields.length));
    });
    return rows === null ? this.#gone() : { kind: "rows", position: query.at, rows };
  }

  async snapshotWithMeta(query: SnapshotQuery): Promise<{ kind: "rows"; position: Position; rows: MetaRow[] } | Gone> {
    await this.#looked();
    const width = this.#feed.fields.length;
    const rows = await this.#kept(["meta", query], async () => {
      const { at, filter, limit, after } = query;
      const found = await this.#rowsOf({ at, filter, limit, ...(after && { after }) }, { withMeta: true });
      return found && found.map((row): MetaRow => ({ row: row.slice(0, width), meta: metaOf(row.slice(width)) }));
    });
    return rows === null ? this.#gone() : { kind: "rows", position: query.at, rows };
  }

  async count({
    at,
    filter,
    within,
  }: CountQuery): Promise<{ kind: "count"; position: Position; count: number } | Gone> {
    await this.#looked();
    const point = this.#pointOf(at);
    if (point === null) return this.#gone();
    const counted = await this.#kept(["count", at, filter, within], async () => {
      const count = point.instant === "0" ? 0 : await this.#source.count(point, filter, within);
      return count === null ? null : [count];
    });
    return counted === null ? this.#gone() : { kind: "count", position: at, count: counted[0]! };
  }

  async *scan(query: SnapshotQuery, signal: AbortSignal): AsyncGenerator<Row[]> {
    await this.#looked();
    let left = query.limit;
    let after: RowCursor | undefined = query.after;
    while (left > 0) {
      signal.throwIfAborted();
      const limit = scanPiece(left, SCAN_ROWS);
      const place = after === undefined ? {} : { after };
      const asked = { at: query.at, filter: query.filter, limit, ...place };
      const piece = await this.#rowsOf(asked, {}, signal);
      if (piece === null) throw await this.#goneError();
      if (piece.length > 0) yield piece;
      if (piece.length < limit) return;
      const last = piece.at(-1)!;
      after = { eventTime: last[this.#feed.eventTime] as number, key: last[this.#feed.key] as string };
      left -= piece.length;
    }
  }

  async changes(since: Position, until?: Position, most = Number.MAX_SAFE_INTEGER - 1): Promise<Changes> {
    const look = await this.#looked();
    const from = parsePosition(since);
    const to = parsePosition(until ?? this.#headAt(look).position);
    if (from === null || to === null) return { kind: "reset", reason: "bad-since" };
    if (from.epoch !== this.epoch || to.epoch !== this.epoch) return { kind: "reset", reason: "epoch" };
    const end = positionOf(this.epoch, to);
    if (since === end) return { kind: "delta", from: since, to: since, up: [], del: [] };
    if (to.instant === "0") return { kind: "reset", reason: "bad-since" };
    const [start, stop] = [from.instant === "0" ? null : await this.#cutOf(from), await this.#cutOf(to)];
    if (stop === null || (start === null && from.instant !== "0")) return this.#lost(stop === null ? to : from);
    if (start !== null && start.instant > stop.instant) return { kind: "reset", reason: "bad-since" };
    const found = await this.#differences(start, stop, most + 1);
    if (found === null) return this.#gone();
    if (found.up.length > most) return { kind: "too-many" };
    return { kind: "delta", from: since, to: end, ...found };
  }

  async timeline(query: {
    limit: number;
    after?: Instant;
  }): Promise<{ entries: TimelineEntry[]; next: Instant | null }> {
    const look = await this.#looked();
    return this.#source.timeline(look, query);
  }

  async history(key: string): Promise<Version[]> {
    const look = await this.#looked();
    return adoptedHistory(this.#feed, this.#source, readableCuts(look), key);
  }

  async statistics(): Promise<Statistics> {
    const look = await this.#looked();
    const head = headOf(look);
    if (head === null) return EMPTY;
    return this.#answers.get(`statistics ${positionOf(look.epoch, head)}`, async () => ({
      value: (await this.#source.statistics(head)) ?? EMPTY,
      bytes: 256,
    }));
  }

  async #looked(): Promise<AdoptedLook> {
    this.#throwFault();
    this.#look = await this.#source.look();
    const now = this.#clock.now();
    if (headOf(this.#look) === null || now - this.#checkedAt < DUPLICATES_MS) return this.#look;
    const isFirst = this.#checkedAt === -Infinity;
    this.#checkedAt = now;
    const checked = this.#checkDuplicates();
    if (!isFirst) return this.#look;
    await checked;
    this.#throwFault();
    this.#look = await this.#source.look();
    return this.#look;
  }

  /** Never rejects: the first look waits for it, the others do not, and are told at the next one what went wrong. */
  async #checkDuplicates(): Promise<void> {
    try {
      await this.#source.findDuplicates();
    } catch (error) {
      // A table too large to be looked through, or an engine that is away, is tried again when that is due.
      if (!(error instanceof AppError && error.code === "engine-unavailable")) this.#fault = error;
    }
  }

  #throwFault(): void {
    const fault = this.#fault;
    this.#fault = null;
    if (fault !== null) throw fault;
  }

  #headAt(look: AdoptedLook): Head {
    const head = headOf(look);
    if (head === null) return { position: positionOf(look.epoch, null), instant: null, committedAt: null };
    return { position: positionOf(look.epoch, head), instant: head.instant, committedAt: head.completedAt };
  }

  #pointOf(at: Position): ParsedPosition | null {
    const position = parsePosition(at);
    return position === null || position.epoch !== this.epoch ? null : position;
  }

  /** A point that can be read, looked at again when it is not known yet. */
  async #cut(is: (cut: Cut) => boolean): Promise<Cut | null> {
    const known = readableCuts(await this.#looked()).find(is);
    if (known !== undefined) return known;
    this.#look = await this.#source.whole();
    return readableCuts(this.#look).find(is) ?? null;
  }

  #cutOf(point: Point): Promise<Cut | null> {
    return this.#cut((cut) => isPoint(cut, point));
  }

  /** Of a point that is not there: it is older than what is kept, or what was complete then was not what it seemed. */
  #lost(point: Point): Gone | Changes {
    const oldest = readableCuts(this.#look)[0];
    if (oldest !== undefined && point.instant < oldest.instant) return this.#gone();
    return { kind: "reset", reason: point.instant > (headOf(this.#look)?.instant ?? "0") ? "bad-since" : "epoch" };
  }

  #differences(start: Cut | null, stop: Cut, limit: number): Promise<Differences | null> {
    const question = JSON.stringify([this.epoch, "changes", start, stop, limit]);
    return this.#answers.get(question, async () => {
      if (start !== null) return keptIfSmall(await this.#source.differences(start, stop, limit));
      const up = await this.#source.rows(stop, { filter: EVERYTHING, limit });
      return keptIfSmall(up && { up, del: [] });
    });
  }

  /** Null: gone. */
  async #rowsOf(
    { at, ...asked }: SnapshotQuery,
    more: Pick<AskedRows, "withMeta"> = {},
    signal?: AbortSignal,
  ): Promise<WireValue[][] | null> {
    const point = this.#pointOf(at);
    if (point === null) return null;
    if (point.instant === "0" || asked.limit <= 0) return [];
    return this.#source.rows(point, { ...asked, ...more }, signal);
  }

  #resolved(cut: Cut | null): Resolved {
    if (cut === null) return this.#gone();
    const { instant, completedAt } = cut;
    return { kind: "head", position: positionOf(this.epoch, cut), instant, committedAt: completedAt };
  }

  #gone(): Gone {
    const oldest = readableCuts(this.#look)[0];
    if (oldest === undefined) return { kind: "gone", oldest: null, oldestInstant: null };
    return { kind: "gone", oldest: positionOf(this.epoch, oldest), oldestInstant: oldest.instant };
  }

  async #goneError(): Promise<AppError> {
    await this.#looked();
    const { oldestInstant } = this.#gone();
    return new AppError("gone", "This instant is no longer kept.", { nearest: oldestInstant, oldest: oldestInstant });
  }

  /** Rows of points never change: the same question gets the kept answer. Null (gone) is not kept. */
  #kept<T>(question: readonly unknown[], ask: () => Promise<T[] | null>): Promise<T[] | null> {
    return this.#answers.getRows(JSON.stringify([this.epoch, ...question]), ask);
  }
}

const EMPTY: Statistics = { rows: 0, byStatus: {}, newestEventAt: null };

const metaOf = (values: readonly WireValue[]): MetaRow["meta"] => values as unknown as MetaRow["meta"];

function keptIfSmall(value: Differences | null): { value: Differences | null; bytes: number } {
  if (value === null || value.up.length + value.del.length > MOST_KEPT_ROWS) return { value, bytes: Infinity };
  return { value, bytes: approximateBytes(value.up) + approximateBytes(value.del) };
}
