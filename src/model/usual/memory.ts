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

type Measure = "gaps" | "durations" | "rowCounts";

/** @param hours of whole runs, remembered, in any order; others are not looked at */
export function usualOf(hours: Iterable<PipelineHour>): Usual {
  const ofPipeline = new Map<string, PipelineHour[]>();
  for (const hour of hours) {
    if (hour.pipelineName === null) continue;
    const own = ofPipeline.get(hour.pipelineName);
    if (own) own.push(hour);
    else ofPipeline.set(hour.pipelineName, [hour]);
  }
  return usualWithin(
    (name) => ofPipeline.get(name) ?? [],
    () => true,
  );
}

/**
 * The same of hours that are looked at when a pipeline is asked for.
 *
 * @param isKnown which of them count
 */
export function usualWithin(
  hoursOf: (pipelineName: string) => Iterable<PipelineHour>,
  isKnown: (hour: PipelineHour) => boolean,
): Usual {
  const memories = new Map<string, PipelineMemory | null>();
  return {
    of(pipelineName, startedAt) {
      let memory = memories.get(pipelineName);
      if (memory === undefined) {
        const hours = [...hoursOf(pipelineName)].filter((hour) => isRemembered(hour) && isKnown(hour));
        memories.set(pipelineName, (memory = hours.length === 0 ? null : new PipelineMemory(hours)));
      }
      return memory === null ? null : memory.at(startedAt);
    },
  };
}

const isRemembered = ({ stageName, state, attempts }: PipelineHour): boolean =>
  state === "REMEMBERED" && stageName === null && attempts > 0;

/** A remembered hour, and the way from its last start to the first one of the next hour that has one. */
interface Slot {
  hour: PipelineHour;
  leadingMs: number | null;
}

class PipelineMemory {
  /** By the hour of the week: mostly one of 168 is asked for. */
  readonly #cells = new Map<number, Slot[]>();
  readonly #firstSeenAt: number;
  readonly #known = new Map<number, PipelineUsual>();

  constructor(hours: readonly PipelineHour[]) {
    const sorted = [...hours].sort((a, b) => a.hour - b.hour);
    this.#firstSeenAt = sorted[0]!.firstStartAt ?? sorted[0]!.hour;
    sorted.forEach((hour, i) => {
      const cell = hourOfWeek(hour.hour);
      const slot = { hour, leadingMs: leadingTo(hour, sorted[i + 1]) };
      const slots = this.#cells.get(cell);
      if (slots) slots.push(slot);
      else this.#cells.set(cell, [slot]);
    });
  }

  at(startedAt: number): PipelineUsual {
    const cell = hourOfWeek(startedAt);
    let usual = this.#known.get(cell);
    if (!usual) {
      const every = this.#figure("gaps", cell);
      usual = {
        firstSeenAt: this.#firstSeenAt,
        every: every?.figure ?? null,
        everySource: every?.source ?? null,
        duration: this.#figure("durations", cell)?.figure ?? null,
        rows: this.#figure("rowCounts", cell)?.figure ?? null,
      };
      this.#known.set(cell, usual);
    }
    return usual;
  }

  #figure(measure: Measure, cell: number): { figure: Figure; source: FigureSource } | null {
    const from = (source: FigureSource, cells: Iterable<number>) => {
      const sketch = this.#merged(measure, cells);
      return countOf(sketch) < MIN_SAMPLES ? null : { figure: figureOf(sketch), source };
    };
    const ofDay = Array.from({ length: 7 }, (_, day) => day * 24 + (cell % 24));
    return from("hour of week", [cell]) ?? from("hour of day", ofDay) ?? from("all hours", this.#cells.keys());
  }

  #merged(measure: Measure, cells: Iterable<number>): Sketch {
    const sketches: Sketch[] = [];
    const leading: number[] = [];
    for (const cell of cells)
      for (const { hour, leadingMs } of this.#cells.get(cell) ?? []) {
        sketches.push(hour[measure]);
        if (measure === "gaps" && leadingMs !== null) leading.push(leadingMs);
      }
    sketches.push(sketchOf(leading));
    return mergeSketches(sketches);
  }
}

/** It counts for the hour from which it leads. */
const leadingTo = ({ lastStartAt }: PipelineHour, next: PipelineHour | undefined): number | null =>
  lastStartAt === null || !next || next.firstStartAt === null ? null : Math.max(0, next.firstStartAt - lastStartAt);

function figureOf(sketch: Sketch): Figure {
  const [low, median, high] = [0.25, 0.5, 0.75].map((share) => quantileOf(sketch, share)!);
  return { median: median!, spread: (high! - low!) / QUARTILES_PER_SPREAD };
}

/** 0 to 167, UTC; 0 is midnight of a Thursday, when the epoch began. */
const hourOfWeek = (ms: number): number => Math.floor(ms / HOUR_MS) % 168;
