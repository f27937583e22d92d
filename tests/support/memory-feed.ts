/**
 * A feed's tables in memory: the reader port with all its promises, and commits made by the test. Every position stays readable
 * unless `forget` says otherwise, so that what was shown can be compared with what was true.
 */
import type { Changes, CountQuery, FeedReader, Gone, Head, MetaRow, Resolved, SnapshotQuery } from "~/lake/reader";
import type { Commit } from "~/lake/writer";
import { compareRows, eventTimeOf, keyOf, type Feed } from "~/model/feed";
import { matcher } from "~/model/filter";
import { instantAt, type Instant } from "~/model/instant";
import { parsePosition, positionOf, type Position } from "~/model/position";
import { compareText, type Row } from "~/model/value";

interface Step {
  instant: Instant;
  committedAt: number;
  state: ReadonlyMap<string, Row>;
}

export class MemoryFeed implements FeedReader {
  epoch: string;
  readonly #feed: Feed;
  readonly #steps: Step[] = [];
  #oldest = 0;

  constructor(feed: Feed, epoch = "e1") {
    this.#feed = feed;
    this.epoch = epoch;
  }

  /** Rows replace those of their keys (the caller sends winners only); `del` leave. */
  commit(ms: number, up: readonly Row[], del: readonly string[] = []): Commit {
    const from = this.#headNow().position;
    const state = new Map(this.#steps.at(-1)?.state);
    for (const key of del) state.delete(key);
    for (const row of up) state.set(keyOf(this.#feed, row), row);
    const instant = instantAt(ms);
    this.#steps.push({ instant, committedAt: ms + 5, state });
    const to = positionOf(this.epoch, instant);
    const rest = { versions: up.length, duplicates: 0, partitions: [], durationMs: 1 };
    return { from, to, up: [...up], del: [...del], instant, committedAt: ms + 5, ...rest };
  }

  /** Positions before this one can no longer be read. */
  forget(before: Position): void {
    const { instant } = parsePosition(before)!;
    this.#oldest = this.#steps.findIndex((step) => step.instant >= instant);
  }

  /** The table is made anew: other epoch, no rows. */
  recreate(epoch: string): void {
    this.epoch = epoch;
    this.#steps.length = 0;
    this.#oldest = 0;
  }

  rowsAt(position: Position): Row[] {
    const state = this.#stepAt(position)?.state ?? new Map<string, Row>();
    return [...state.values()].sort((a, b) => compareRows(this.#feed, a, b));
  }

  count({ at, filter, within }: CountQuery): Promise<{ kind: "count"; position: Position; count: number } | Gone> {
    if (this.#isForgotten(at)) return Promise.resolve(this.#gone());
    const count = this.rowsAt(at).slice(0, within).filter(matcher(this.#feed, filter)).length;
    return Promise.resolve({ kind: "count", position: at, count });
  }

  head(): Promise<Head> {
    return Promise.resolve(this.#headNow());
  }

  resolve(at: { time: number } | { instant: Instant } | { position: Position }): Promise<Resolved> {
    const instant =
      "time" in at ? instantAt(at.time) : "instant" in at ? at.instant : parsePosition(at.position)!.instant;
    const index = this.#steps.findLastIndex((step) => step.instant <= instant);
    if (index < this.#oldest || (!("time" in at) && this.#steps[index]?.instant !== instant)) {
      return Promise.resolve(this.#gone());
    }
    return Promise.resolve({ kind: "head", ...this.#headOf(this.#steps[index]!) });
  }

  instants(range: { after: Instant | null; until: Instant; limit: number }): Promise<Instant[]> {
    const all = this.#steps.map(({ instant }) => instant);
    const within = all.filter((i) => (range.after === null || i > range.after) && i <= range.until);
    return Promise.resolve(within.slice(0, range.limit));
  }

  snapshot(query: SnapshotQuery): Promise<{ kind: "rows"; position: Position; rows: Row[] } | Gone> {
    if (this.#isForgotten(query.at)) return Promise.resolve(this.#gone());
    const { fields } = query;
    const matches = matcher(this.#feed, query.filter);
    const rows = this.rowsAt(query.at)
      .filter((row) => matches(row) && this.#isAfter(row, query))
      .slice(0, query.limit)
      .map((row) => (fields ? row.map((value, i) => (fields.includes(i) ? value : null)) : row));
    return Promise.resolve({ kind: "rows", position: query.at, rows });
  }

  #isForgotten(position: Position): boolean {
    const { instant } = parsePosition(position)!;
    return instant !== "0" && this.#steps.findIndex((step) => step.instant === instant) < this.#oldest;
  }

  async snapshotWithMeta(query: SnapshotQuery): Promise<{ kind: "rows"; position: Position; rows: MetaRow[] } | Gone> {
    const answer = await this.snapshot(query);
    if (answer.kind === "gone") return answer;
    return { ...answer, rows: answer.rows.map((row) => ({ row, meta: ["", "", "", "", "", ""] as const })) };
  }

  async *scan(query: SnapshotQuery): AsyncIterable<Row[]> {
    const answer = await this.snapshot(query);
    if (answer.kind === "rows") yield answer.rows;
  }

  changes(since: Position, until?: Position): Promise<Changes> {
    const to = until ?? this.#headNow().position;
    const [a, b] = [parsePosition(since), parsePosition(to)];
    if (!a || !b || a.epoch !== this.epoch) return Promise.resolve({ kind: "reset", reason: "epoch" });
    if (a.instant > b.instant) return Promise.resolve({ kind: "reset", reason: "bad-since" });
    if (a.instant !== "0" && this.#steps.findIndex(({ instant }) => instant === a.instant) < this.#oldest) {
      return Promise.resolve(this.#gone());
    }
    const before = this.#stepAt(since)?.state ?? new Map<string, Row>();
    const after = this.#stepAt(to)?.state ?? new Map<string, Row>();
    const up = [...after.values()].filter((row) => before.get(keyOf(this.#feed, row)) !== row);
    const del = [...before.keys()].filter((key) => !after.has(key));
    return Promise.resolve({ kind: "delta", from: since, to, up, del });
  }

  timeline() {
    return Promise.resolve({ entries: [], next: null });
  }

  history(key: string) {
    const versions = this.#steps.map(({ instant, state }) => ({ instant, row: state.get(key) }));
    return Promise.resolve(versions.filter((version): version is { instant: Instant; row: Row } => !!version.row));
  }

  statistics() {
    const rows = [...(this.#steps.at(-1)?.state.values() ?? [])];
    const byStatus: Record<string, number> = {};
    for (const row of rows) {
      const status = String(this.#feed.status === null ? "" : row[this.#feed.status]);
      byStatus[status] = (byStatus[status] ?? 0) + 1;
    }
    const newest = Math.max(...rows.map((row) => eventTimeOf(this.#feed, row)));
    return Promise.resolve({ rows: rows.length, byStatus, newestEventAt: rows.length > 0 ? newest : null });
  }

  reach(): Promise<Instant | null> {
    return Promise.resolve(this.#steps[this.#oldest]?.instant ?? null);
  }

  #headNow(): Head {
    const last = this.#steps.at(-1);
    return last ? this.#headOf(last) : { position: positionOf(this.epoch, null), instant: null, committedAt: null };
  }

  #headOf({ instant, committedAt }: Step): Head {
    return { position: positionOf(this.epoch, instant), instant, committedAt };
  }

  #stepAt(position: Position): Step | undefined {
    const { instant } = parsePosition(position)!;
    return this.#steps.findLast((step) => step.instant <= instant);
  }

  #isAfter(row: Row, { after }: SnapshotQuery): boolean {
    if (after === undefined) return true;
    const time = eventTimeOf(this.#feed, row);
    if (time !== after.eventTime) return time < after.eventTime;
    return compareText(keyOf(this.#feed, row), after.key) > 0;
  }

  #gone(): Gone {
    const oldest = this.#steps[this.#oldest];
    return {
      kind: "gone",
      oldest: oldest ? positionOf(this.epoch, oldest.instant) : null,
      oldestInstant: oldest?.instant ?? null,
    };
  }
}
