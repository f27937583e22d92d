/** The hours of whole runs of five weeks in memory, and what follows from them: what is usual, and how far the source was read. */
import { usualWithin, MEMORY_MS } from "../../model/usual/memory";
import { WATERMARK_MS } from "../../model/hours/hour-fold";
import { HOUR_MS, hourOf, type PipelineHour } from "../../model/hours/pipeline-hour";
import type { Usual } from "../../model/usual/usual";

/** Answers of `usualAt` that are kept: pages of the past ask for theirs again. */
const MOST_KEPT = 32;

export class HourTable {
  readonly #runs = new Map<string, PipelineHour>();
  /** By pipeline, then by id. */
  readonly #remembered = new Map<string, Map<string, PipelineHour>>();
  /** Of stages and of whole runs. */
  readonly #provisional = new Map<string, PipelineHour>();
  readonly #usual = new Map<number, Usual>();
  #readTo: number | null = null;
  #readingTo = 0;

  /** The commit time of the source up to which the hours are of; null = nothing was rolled up yet. */
  get readTo(): number | null {
    return this.#readTo;
  }

  /** A pass that wrote in parts was cut short: some hours are of a later position than the others. */
  get isTorn(): boolean {
    return this.#readingTo > (this.#readTo ?? 0);
  }

  /** Of whole runs, as they are known now, in no order. */
  runs(): Iterable<PipelineHour> {
    return this.#runs.values();
  }

  run(hourId: string): PipelineHour | null {
    return this.#runs.get(hourId) ?? null;
  }

  isRemembered(pipelineName: string, hourId: string): boolean {
    return this.#remembered.get(pipelineName)?.has(hourId) ?? false;
  }

  /** The hours that are final as of a commit time of the source and are not told so yet. */
  dueToBeFinal(sourceAt: number): PipelineHour[] {
    return [...this.#provisional.values()].filter(
      ({ hour, lastUpdatedAt }) => Math.max(hour + HOUR_MS, lastUpdatedAt ?? 0) + WATERMARK_MS <= sourceAt,
    );
  }

  /** Takes newer rows. Of stages only those are kept that have still to become final. */
  apply(hours: Iterable<PipelineHour>): void {
    let earliest = Infinity;
    for (const hour of hours) {
      if (hour.state === "PROVISIONAL") this.#provisional.set(hour.hourId, hour);
      else if (hour.state === "FINAL") this.#provisional.delete(hour.hourId);
      if (hour.state === "READ_TO") this.#readTo = Math.max(this.#readTo ?? 0, hour.sourceAt);
      else if (hour.state === "READING_TO") this.#readingTo = Math.max(this.#readingTo, hour.sourceAt);
      else if (hour.stageName !== null) continue;
      else if (hour.state === "REMEMBERED") {
        const own = this.#rememberedOf(hour.pipelineName!);
        if (own.get(hour.hourId)?.sourceAt === hour.sourceAt) continue;
        own.set(hour.hourId, hour);
        earliest = Math.min(earliest, hour.sourceAt);
      } else if (hour.attempts === 0) this.#runs.delete(hour.hourId);
      else this.#runs.set(hour.hourId, hour);
    }
    // An answer that should have had them was given too early: it is corrected, and whoever shows it starts again.
    for (const at of this.#usual.keys()) if (earliest <= lastUsed(at)) this.#usual.delete(at);
    this.#forget();
  }

  /**
   * What is usual for a position whose commit is of this time. It is of the hours that had been remembered an hour before the
   * hour of that commit began: every server has them by then, and all give the same answer for the same position, now and later.
   * The same object while the answer is the same.
   */
  usualAt(instantMs: number): Usual {
    const at = hourOf(instantMs);
    let usual = this.#usual.get(at);
    if (!usual) {
      const last = lastUsed(at);
      const oldest = at - MEMORY_MS;
      usual = usualWithin(
        (pipelineName) => this.#remembered.get(pipelineName)?.values() ?? [],
        ({ sourceAt, hour }) => sourceAt <= last && hour >= oldest,
      );
      if (this.#usual.size >= MOST_KEPT) this.#usual.delete(this.#usual.keys().next().value!);
      this.#usual.set(at, usual);
    }
    return usual;
  }

  #rememberedOf(pipelineName: string): Map<string, PipelineHour> {
    let own = this.#remembered.get(pipelineName);
    if (!own) this.#remembered.set(pipelineName, (own = new Map()));
    return own;
  }

  /** Hours that nothing asks for any more: the pages of the past go back a month, with five weeks before it. */
  #forget(): void {
    if (this.#readTo === null) return;
    const oldest = this.#readTo - 2 * MEMORY_MS;
    for (const kept of [this.#runs, this.#provisional, ...this.#remembered.values()])
      for (const [id, { hour }] of kept) if (hour < oldest) kept.delete(id);
  }
}

/** @param at start of an hour of commit time. The slack is what servers have to hear of what one of them has remembered. */
const lastUsed = (at: number): number => at - HOUR_MS;
