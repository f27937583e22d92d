/**
 * What is usual, from the hours that are remembered: the median of a figure and how far it spreads, over the same hour of the week
 * while that has samples enough, else over the same hour of the day, else over all hours.
 */
import { HOUR_MS, type PipelineHour } from "../hours/pipeline-hour";
import { countOf, mergeSketches, quantileOf, sketchOf, type Sketch } from "../hours/sketch";
import { QUARTILES_PER_SPREAD } from "../pipeline";
import type { Figure, FigureSource, PipelineUsual, Usual } from "./usual";

/** What is older counts no more. */
export const MEMORY_MS = 35 * 24 * HOUR_MS;
/** Fewer samples than this are no figure: three weeks of an hourly pipeline. */
const MIN_SAMPLES = 3;

/** One remembered hour of one pipeline. */
interface Slot {
  hour: number;
  gaps: Sketch;
  durations: Sketch;
  rowCounts: Sketch;
}

type Measure = "gaps" | "durations" | "rowCounts";

/** @param hours of whole runs, remembered, in any order; others are not looked at */
export function usualOf(hours: Iterable<PipelineHour>): Usual {
  const ofPipeline = new Map<string, PipelineHour[]>();
  for (const hour of hours) {
    const { pipelineName, stageName, state, attempts } = hour;
    if (state !== "REMEMBERED" || pipelineName === null || stageName !== null || attempts === 0) continue;
    const own = ofPipeline.get(pipelineName);
    if (own) own.push(hour);
    else ofPipeline.set(pipelineName, [hour]);
  }
  const memories = new Map<string, PipelineMemory>();
  return {
    of(pipelineName, startedAt) {
      const own = ofPipeline.get(pipelineName);
      if (!own) return null;
      let memory = memories.get(pipelineName);
      if (!memory) memories.set(pipelineName, (memory = new PipelineMemory(own)));
      return memory.at(startedAt);
    },
  };
}

class PipelineMemory {
  readonly #slots: readonly Slot[];
  readonly #firstSeenAt: number;
  readonly #known = new Map<number, PipelineUsual>();

  constructor(hours: readonly PipelineHour[]) {
    const sorted = [...hours].sort((a, b) => a.hour - b.hour);
    this.#firstSeenAt = sorted[0]!.firstStartAt ?? sorted[0]!.hour;
    this.#slots = sorted.map((hour, i) => slotOf(hour, sorted[i + 1]));
  }

  at(startedAt: number): PipelineUsual {
    const cell = hourOfWeek(startedAt);
    let usual = this.#known.get(cell);
    if (!usual) {
      const every = this.#figure("gaps", cell);
      const duration = this.#figure("durations", cell)?.figure ?? null;
      const rows = this.#figure("rowCounts", cell)?.figure ?? null;
      usual = {
        firstSeenAt: this.#firstSeenAt,
        every: every?.figure ?? null,
        everySource: every?.source ?? null,
        duration,
        rows,
      };
      this.#known.set(cell, usual);
    }
    return usual;
  }

  #figure(measure: Measure, cell: number): { figure: Figure; source: FigureSource } | null {
    const from = (source: FigureSource, isWithin: (hour: number) => boolean) => {
      const sketch = mergeSketches(this.#slots.flatMap((slot) => (isWithin(slot.hour) ? [slot[measure]] : [])));
      return countOf(sketch) < MIN_SAMPLES ? null : { figure: figureOf(sketch), source };
    };
    return (
      from("hour of week", (hour) => hourOfWeek(hour) === cell) ??
      from("hour of day", (hour) => hourOfWeek(hour) % 24 === cell % 24) ??
      from("all hours", () => true)
    );
  }
}

/** The way to the first start of the next hour in which there was one counts for the hour from which it leads. */
function slotOf({ hour, gaps, durations, rowCounts, lastStartAt }: PipelineHour, next: PipelineHour | undefined): Slot {
  const isLed = lastStartAt !== null && next !== undefined && next.firstStartAt !== null;
  const leading = isLed ? sketchOf([Math.max(0, next.firstStartAt! - lastStartAt)]) : [];
  return { hour, gaps: mergeSketches([gaps, leading]), durations, rowCounts };
}

function figureOf(sketch: Sketch): Figure {
  const [low, median, high] = [0.25, 0.5, 0.75].map((share) => quantileOf(sketch, share)!);
  return { median: median!, spread: (high! - low!) / QUARTILES_PER_SPREAD };
}

/** 0 to 167, UTC; 0 is midnight of a Thursday, when the epoch began. */
const hourOfWeek = (ms: number): number => Math.floor(ms / HOUR_MS) % 168;
