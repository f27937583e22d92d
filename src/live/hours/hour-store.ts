/** Where rolled-up hours are kept: in a feed of the lake, or in memory where the lake is somebody else's. */
import type { FeedReader, Head } from "../../lake/reader";
import { AppError } from "../../model/app-error";
import { EVERYTHING, type Filter } from "../../model/filter";
import { HOUR_MS, type HourRows, type PipelineHour } from "../../model/hours/pipeline-hour";
import { REMEMBER_AFTER_MS } from "../../model/hours/hour-fold";
import { MEMORY_MS } from "../../model/usual/memory";
import type { Instant } from "../../model/instant";
import type { Position } from "../../model/position";
import type { Row } from "../../model/value";
import { HourTable } from "./hour-table";

export interface HourStore {
  readonly table: HourTable;
  /** Brings the table up to what is kept. */
  refresh(now: number): Promise<void>;
  /** The kept hours of `from <= hour < to`, of stages and of whole runs, without the REMEMBERED copies. */
  hours(from: number, to: number): Promise<PipelineHour[]>;
  /** Returns when they are kept and in the table. Hours that are kept already are replaced. */
  save(hours: readonly PipelineHour[], now: number): Promise<void>;
  /** When an hour counts as remembered, if that is done now, at `sourceAt`. */
  rememberedAt(hour: number, sourceAt: number): number;
  /**
   * The hours of whole runs as they were known at a time, none when nothing was rolled up yet. Null when it cannot be told any
   * more.
   */
  runsAt(time: number, now: number): Promise<{ runs: PipelineHour[]; readTo: number | null } | null>;
}

/** More rows than this have changed: reading them all again is cheaper. */
const MOST_CHANGED = 100_000;
const MOST_HOURS = 2_000_000;

export class KeptHours implements HourStore {
  readonly table = new HourTable();
  #position: Position | null = null;

  /** @param write stages rows of the feed and returns when they are committed */
  constructor(
    private readonly rows: HourRows,
    private readonly reader: FeedReader,
    private readonly write: (rows: readonly Row[]) => Promise<void>,
  ) {}

  async refresh(now: number): Promise<void> {
    const head = await this.reader.head();
    if (head.position === this.#position || head.instant === null) return;
    const changes = this.#position === null ? null : await this.#changes(this.#position, head);
    if (changes) this.table.apply(changes);
    else {
      this.table.apply(await this.#runs(head.position, now));
      this.table.apply(await this.#provisional(head.position, now));
    }
    this.#position = head.position;
  }

  async hours(from: number, to: number): Promise<PipelineHour[]> {
    const { position, instant } = await this.reader.head();
    if (instant === null) return [];
    const hours = await this.#read(position, { ...EVERYTHING, from, to });
    return hours.filter(({ state }) => state === "PROVISIONAL" || state === "FINAL");
  }

  async save(hours: readonly PipelineHour[], now: number): Promise<void> {
    if (hours.length === 0) return;
    await this.write(hours.map((hour) => this.rows.toRow(hour)));
    await this.refresh(now);
  }

  rememberedAt(_hour: number, sourceAt: number): number {
    return sourceAt;
  }

  async runsAt(time: number, now: number) {
    const at = await this.reader.resolve({ time });
    if (at.kind === "gone" && this.#hasForgotten(at.oldestInstant, time, now)) return null;
    if (at.kind === "gone" || at.instant === null) return { runs: [], readTo: null };
    const hours = await this.#runs(at.position, time);
    const readTo = hours.reduce<number | null>(
      (last, { state, sourceAt }) => (state === "READ_TO" ? Math.max(last ?? 0, sourceAt) : last),
      null,
    );
    return { runs: hours.filter(({ state }) => state === "PROVISIONAL" || state === "FINAL"), readTo };
  }

  /**
   * Whether a commit until this time may have left the log. None leaves it before its days are over, and of earlier ones hours
   * are left that nothing changed since.
   */
  #hasForgotten(oldest: Instant | null, time: number, now: number): boolean {
    if (oldest === null) return false;
    const horizon = now - (this.rows.feed.historyMs ?? 0);
    if (time < horizon) return true;
    for (const { sourceAt } of this.table.runs()) if (sourceAt < horizon) return true;
    return false;
  }

  async #changes(since: Position, head: Head): Promise<PipelineHour[] | null> {
    const changes = await this.reader.changes(since, head.position, MOST_CHANGED);
    return changes.kind === "delta" ? changes.up.map((row) => this.rows.toHour(row)) : null;
  }

  /** Whole runs, as far back as anything asks for. */
  #runs(at: Position, now: number): Promise<PipelineHour[]> {
    const columns = [{ field: this.rows.index("stageName"), negated: false, values: [null] }];
    return this.#read(at, { ...EVERYTHING, from: now - 2 * MEMORY_MS, columns });
  }

  #provisional(at: Position, now: number): Promise<PipelineHour[]> {
    const columns = [{ field: this.rows.index("state"), negated: false, values: ["PROVISIONAL"] }];
    return this.#read(at, { ...EVERYTHING, from: now - 2 * MEMORY_MS, columns });
  }

  async #read(at: Position, filter: Filter): Promise<PipelineHour[]> {
    const answer = await this.reader.snapshot({ at, filter, limit: MOST_HOURS });
    if (answer.kind === "rows") return answer.rows.map((row) => this.rows.toHour(row));
    const { feed } = this.rows;
    throw new AppError("gone", `Position ${at} of feed ${feed.name} went while it was read.`, {
      oldest: answer.oldestInstant,
    });
  }
}

/** Of a source that somebody else writes: as far as its tables tell, and as long as this process lives. */
export class HoursInMemory implements HourStore {
  readonly table = new HourTable();
  readonly #hours = new Map<string, PipelineHour>();

  refresh(): Promise<void> {
    return Promise.resolve();
  }

  hours(from: number, to: number): Promise<PipelineHour[]> {
    return Promise.resolve([...this.#hours.values()].filter(({ hour }) => hour >= from && hour < to));
  }

  save(hours: readonly PipelineHour[]): Promise<void> {
    for (const hour of hours)
      if (hour.state === "PROVISIONAL" || hour.state === "FINAL") this.#hours.set(hour.hourId, hour);
    this.table.apply(hours);
    return Promise.resolve();
  }

  /** As if it had been there: so that servers agree, whenever they started. */
  rememberedAt(hour: number): number {
    return hour + HOUR_MS + REMEMBER_AFTER_MS;
  }

  runsAt(time: number) {
    const runs = [...this.table.runs()].filter(({ hour }) => hour <= time);
    return Promise.resolve({ runs, readTo: this.table.readTo });
  }
}
