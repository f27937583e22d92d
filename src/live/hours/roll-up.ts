/**
 * One pass of rolling up: brings the kept hours from the position that they are of to the head of their source, by computing anew
 * the hours that commits between the two have touched. Where that way cannot be told (nothing is kept yet, the log does not reach
 * so far, too much has changed) all hours that are remembered are computed anew.
 *
 * Nothing is counted up: each hour is computed from its events as of the head, so that a pass that was cut short is done again
 * with the same outcome. The position is kept with the last of it.
 */
import type { Logger } from "pino";
import type { FeedReader, Head } from "../../lake/reader";
import type { AttemptFields } from "../../model/attempt";
import { foldHours, REMEMBER_AFTER_MS } from "../../model/hours/hour-fold";
import { HOUR_MS, hourIdOf, hourOf, type PipelineHour } from "../../model/hours/pipeline-hour";
import { EMPTY_SKETCH } from "../../model/hours/sketch";
import { instantAt, instantMs } from "../../model/instant";
import type { Position } from "../../model/position";
import { MEMORY_MS } from "../../model/usual/memory";
import { sameValue, type Row, type WireValue } from "../../model/value";
import { inTurns } from "../../turns";
import type { HourStore } from "./hour-store";
import { SourceRows, type Touched } from "./source-rows";

export interface RollUpOptions {
  fields: AttemptFields;
  reader: FeedReader;
  store: HourStore;
  log: Logger;
  /** Hours of one write: as many as one commit takes. */
  atOnce?: number;
  /** Events of hours that are in memory at once. */
  mostRows?: number;
  signal: AbortSignal;
  /** After a part of a pass that took so long: the machine is others' too. */
  rest: (workedMs: number) => Promise<void>;
}

/** What is held at once shows in the memory of the process: docs/decisions/2026-11-22-the-heap-grows-by-sixty-percent.md. */
const MOST_ROWS = 30_000;
/** So many times as many of one pipeline in one hour, which is not divided any further. */
const MOST_OF_ONE = 5;
/** Changed rows of one pass beyond which everything is computed anew. */
const MOST_CHANGED = 100_000;
const MOST_DAYS = 8;
/** One staged file, and with it one commit, takes ten thousand. */
const SAVED_AT_ONCE = 5_000;
const DAY_MS = 24 * HOUR_MS;

/** @returns whether anything was to be done */
export async function rollUp(options: RollUpOptions): Promise<boolean> {
  const head = await options.reader.head();
  if (head.instant === null) return false;
  const sourceAt = instantMs(head.instant)!;
  if (options.store.table.readTo === sourceAt) return false;
  const pass = new Pass(options, head, sourceAt);
  await pass.run();
  return true;
}

class Pass {
  readonly #source: SourceRows;
  readonly #atOnce: number;
  /** How much of the memory is computed at once: as much as has about as many events as are held at once. */
  #stepMs = HOUR_MS;
  /** Work that was rested from, and the rest itself. */
  #settledMs = 0;

  constructor(
    private readonly options: RollUpOptions,
    private readonly head: Head,
    private readonly sourceAt: number,
  ) {
    this.#source = new SourceRows(options.fields, options.reader, head.position);
    this.#atOnce = options.atOnce ?? SAVED_AT_ONCE;
  }

  async run(): Promise<void> {
    let changed: PipelineHour[] = [];
    for await (const touched of this.#touched()) {
      for (const hour of await this.#compute(touched)) changed.push(hour);
      if (changed.length > this.#atOnce) changed = await this.#save(changed);
      if (this.options.signal.aborted) return;
    }
    changed.push(...this.#toRemember(changed));
    changed = changed.length < this.#atOnce ? changed : await this.#save(changed);
    await this.options.store.save([...changed, this.#mark("READ_TO")], this.sourceAt);
  }

  /**
   * Writes in parts, each of which is one commit. Before the first of them it is said that there will be more, so that whoever
   * finds some and not all computes everything anew.
   */
  async #save(hours: readonly PipelineHour[]): Promise<PipelineHour[]> {
    const { store } = this.options;
    if (!store.table.isTorn) await store.save([this.#mark("READING_TO")], this.sourceAt);
    for (let i = 0; i < hours.length; i += this.#atOnce)
      await store.save(hours.slice(i, i + this.#atOnce), this.sourceAt);
    return [];
  }

  async *#touched(): AsyncIterable<Touched> {
    const changed = await this.#changed();
    if (changed === null) return yield* this.#everything();
    const hours = await this.#source.touchedBy(changed.rows, changed.since);
    for (const { hour, pipelineName } of this.options.store.table.dueToBeFinal(this.sourceAt)) {
      const pipelines = hours.get(hour) ?? new Set<string>();
      hours.set(hour, pipelines.add(pipelineName!));
    }
    for (const [hour, pipelines] of hours) yield { from: hour, to: hour + HOUR_MS, pipelines: [...pipelines].sort() };
  }

  /** Events that changed since the kept position, and that position; null when that cannot be told. */
  async #changed(): Promise<{ rows: readonly Row[]; since: Position } | null> {
    const { reader, store } = this.options;
    const { readTo, isTorn } = store.table;
    if (readTo === null || isTorn) return null;
    const since = await reader.resolve({ instant: instantAt(readTo) });
    if (since.kind === "gone") return null;
    const changes = await reader.changes(since.position, this.head.position, MOST_CHANGED);
    return changes.kind === "delta" ? { rows: changes.up, since: since.position } : null;
  }

  /** All of the memory in which anything happened, the newest first. */
  async *#everything(): AsyncIterable<Touched> {
    const oldest = this.#oldest();
    // Publishers' clocks may be a day ahead.
    let to = hourOf(this.sourceAt) + HOUR_MS + DAY_MS;
    for (;;) {
      const newest = await this.#source.newestBefore(oldest, to);
      if (newest === null) return;
      to = hourOf(newest) + HOUR_MS;
      const from = Math.max(oldest, to - this.#stepMs);
      yield { from, to, pipelines: null };
      to = from;
    }
  }

  /** Hours before it are kept as they are: nobody asks for them, or their events have begun to leave the source. */
  #oldest(): number {
    const { retentionMs } = this.options.fields.feed;
    return hourOf(this.sourceAt - Math.min(MEMORY_MS, retentionMs ?? Infinity)) + HOUR_MS;
  }

  /** What is other than what is kept. Halves what is too much for the memory of this process, and rests after each part. */
  async #compute(touched: Touched): Promise<PipelineHour[]> {
    const { from, to } = touched;
    if (this.options.signal.aborted) return [];
    if (from < this.#oldest()) return to - from === HOUR_MS ? [] : this.#compute({ ...touched, from: from + HOUR_MS });
    const [began, settled] = [performance.now(), this.#settledMs];
    const changed = await this.#computeAtOnce(touched);
    await this.#rest(performance.now() - began - (this.#settledMs - settled));
    if (changed !== null) return changed;
    this.#stepMs = Math.max(HOUR_MS, Math.min(this.#stepMs, Math.floor((to - from) / (2 * HOUR_MS)) * HOUR_MS));
    return this.#computeHalves(touched);
  }

  async #rest(workedMs: number): Promise<void> {
    const began = performance.now();
    await this.options.rest(workedMs);
    this.#settledMs += workedMs + performance.now() - began;
  }

  /** Null: too much. */
  async #computeAtOnce({ from, to, pipelines }: Touched): Promise<PipelineHour[] | null> {
    const { fields, store, mostRows = MOST_ROWS } = this.options;
    const isDivisible = to - from > HOUR_MS || pipelines?.length !== 1;
    const rows = await this.#source.ofHours({ from, to, pipelines }, isDivisible ? mostRows : MOST_OF_ONE * mostRows);
    if (rows === null) return null;
    if (rows.length < mostRows / 8) this.#stepMs = Math.min(2 * this.#stepMs, MOST_DAYS * DAY_MS);
    const shown = rows.length === 0 ? null : await this.#source.failuresShown({ from, to, pipelines });
    const shownAt = (key: string) => shown?.get(key) ?? null;
    const fold = foldHours({ fields, rows, from, to, sourceAt: this.sourceAt, shownAt });
    const folded = await inTurns(fold, (workedMs) => this.#rest(workedMs));
    const kept = new Map((await store.hours(from, to)).map((hour) => [hour.hourId, hour]));
    const changed: PipelineHour[] = [];
    for (const hour of folded) {
      const before = kept.get(hour.hourId);
      kept.delete(hour.hourId);
      if (!before || !isSame(before, hour)) changed.push(hour);
    }
    for (const hour of kept.values()) {
      const isOurs = pipelines === null || pipelines.includes(hour.pipelineName!);
      if (isOurs && hour.attempts > 0) changed.push(emptied(hour, this.sourceAt));
    }
    return changed;
  }

  async #computeHalves(touched: Touched): Promise<PipelineHour[]> {
    const { from, to } = touched;
    const hours = (to - from) / HOUR_MS;
    if (hours > 1) {
      const middle = from + Math.floor(hours / 2) * HOUR_MS;
      return [
        ...(await this.#compute({ ...touched, to: middle })),
        ...(await this.#compute({ ...touched, from: middle })),
      ];
    }
    const pipelines = touched.pipelines ?? (await this.#source.pipelinesOf(touched, this.options.signal));
    if (pipelines.length > 1) {
      const middle = pipelines.length >>> 1;
      return [
        ...(await this.#compute({ from, to, pipelines: pipelines.slice(0, middle) })),
        ...(await this.#compute({ from, to, pipelines: pipelines.slice(middle) })),
      ];
    }
    if (touched.pipelines === null) return this.#compute({ from, to, pipelines });
    const { log, mostRows = MOST_ROWS } = this.options;
    const most = MOST_OF_ONE * mostRows;
    log.warn({ hour: new Date(from).toISOString(), pipelines, most }, "an hour has too many events to be rolled up");
    return [];
  }

  /** Copies of the hours whose time has come. They are made once: what comes later does not change what was usual. */
  #toRemember(changed: readonly PipelineHour[]): PipelineHour[] {
    const { store } = this.options;
    const last = this.sourceAt - REMEMBER_AFTER_MS - HOUR_MS;
    const copies: PipelineHour[] = [];
    const runs = new Map([...store.table.runs(), ...changed].map((hour) => [hour.hourId, hour]));
    for (const hour of runs.values()) {
      if (hour.stageName !== null || hour.attempts === 0 || hour.hour > last) continue;
      const hourId = hourIdOf(hour.pipelineName!, null, hour.hour, true);
      if (store.table.isRemembered(hour.pipelineName!, hourId)) continue;
      copies.push({ ...hour, hourId, state: "REMEMBERED", sourceAt: store.rememberedAt(hour.hour, this.sourceAt) });
    }
    return copies;
  }

  /** One a day, of each kind. */
  #mark(state: "READING_TO" | "READ_TO"): PipelineHour {
    const hour = Math.floor(this.sourceAt / DAY_MS) * DAY_MS;
    const hourId = JSON.stringify([state, new Date(hour).toISOString().slice(0, 10)]);
    return { ...NOTHING, hourId, pipelineName: null, stageName: null, hour, state, sourceAt: this.sourceAt };
  }
}

const NOTHING = {
  attempts: 0,
  running: 0,
  retrying: 0,
  failed: 0,
  completed: 0,
  rowsIn: null,
  rowsOut: null,
  durations: EMPTY_SKETCH,
  rowCounts: EMPTY_SKETCH,
  gaps: EMPTY_SKETCH,
  firstStartAt: null,
  lastStartAt: null,
  lastUpdatedAt: null,
  firstFailedAt: null,
  firstShownAt: null,
  lastFailedAt: null,
  recoveredAt: null,
  firstCompletedAt: null,
};

/** Everything that was in an hour turned out to be of another one. */
const emptied = ({ hourId, pipelineName, stageName, hour }: PipelineHour, sourceAt: number): PipelineHour => ({
  ...NOTHING,
  hourId,
  pipelineName,
  stageName,
  hour,
  state: "FINAL",
  sourceAt,
});

/** Equal hours of two positions: the older one still stands. */
const isSame = (a: PipelineHour, b: PipelineHour): boolean =>
  sameValue({ ...a, sourceAt: 0 } as unknown as WireValue, { ...b, sourceAt: 0 } as unknown as WireValue);
