/** What is usual of a pipeline, as the views and the health of pipelines ask for it. Where it comes from: docs/rollups.md. */

/** A middle and how far around it values usually lie (a standard deviation's worth, from quartiles), in the unit of the values. */
export interface Figure {
  median: number;
  spread: number;
}

/** Which hours a figure is taken from: the same hour of the week while it has enough samples, then wider. */
export const FIGURE_SOURCES = ["hour of week", "hour of day", "all hours"] as const;
export type FigureSource = (typeof FIGURE_SOURCES)[number];

/** Null figures: too few samples even in all hours. */
export interface PipelineUsual {
  /** When the pipeline was first heard of, as far as is remembered, epoch ms. */
  firstSeenAt: number;
  /** From a start to the next one, ms. */
  every: Figure | null;
  everySource: FigureSource | null;
  /** Of runs that completed, ms. */
  duration: Figure | null;
  /** Records that left a completed run. */
  rows: Figure | null;
}

/** The memory of one stated point; asking it twice gives the same. */
export interface Usual {
  /** @param startedAt of the run that is to be compared, epoch ms: its hour decides. Null = never heard of */
  of(pipelineName: string, startedAt: number): PipelineUsual | null;
}

/** Before anything is remembered. */
export const NOTHING_USUAL: Usual = { of: () => null };
