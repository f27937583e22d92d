/** What a pipeline did in one hour: the rows of the feed `pipeline_hours` (avro/PipelineHour.avsc, docs/rollups.md). */
import type { Count } from "../attempt";
import { fieldIndex, type Feed } from "../feed";
import type { Row, WireValue } from "../value";
import type { Sketch } from "./sketch";

/**
 * PROVISIONAL until the watermark has passed the hour, then FINAL until a late event opens it again. REMEMBERED is a copy, made
 * once and never changed, from which follows what is usual. READ_TO is no hour: it says up to where the source has been read, and
 * READING_TO up to where a pass is reading it that writes in several parts.
 */
export type HourState = "PROVISIONAL" | "FINAL" | "REMEMBERED" | "READING_TO" | "READ_TO";

export interface PipelineHour {
  hourId: string;
  /** Null in READING_TO and READ_TO alone. */
  pipelineName: string | null;
  /** Null = whole runs of the pipeline. */
  stageName: string | null;
  /** Start of the hour, UTC, epoch ms. An attempt or a run is of the hour of its first event. */
  hour: number;
  state: HourState;
  /** The row is of the source as it was at the commit of this time, epoch ms. */
  sourceAt: number;
  /** Attempts of a stage, or runs; by their status at the source position. `running` counts those that only started too. */
  attempts: number;
  running: number;
  retrying: number;
  failed: number;
  completed: number;
  rowsIn: Count | null;
  rowsOut: Count | null;
  /** Milliseconds that the completed ones took. */
  durations: Sketch;
  /** Records that left each completed one. */
  rowCounts: Sketch;
  /** Milliseconds from each start to the next one within the hour. */
  gaps: Sketch;
  firstStartAt: number | null;
  lastStartAt: number | null;
  /** The newest word of any of them. */
  lastUpdatedAt: number | null;
  /** Of those that failed: when the first did, when that could be seen (its commit), and when the last did. */
  firstFailedAt: number | null;
  firstShownAt: number | null;
  lastFailedAt: number | null;
  /** When the first one completed after the last failure, and when the first one completed at all. */
  recoveredAt: number | null;
  firstCompletedAt: number | null;
}

export const HOUR_MS = 3_600_000;
export const hourOf = (ms: number): number => Math.floor(ms / HOUR_MS) * HOUR_MS;

const NAMES: readonly (keyof PipelineHour)[] = [
  "hourId",
  "pipelineName",
  "stageName",
  "hour",
  "state",
  "sourceAt",
  "attempts",
  "running",
  "retrying",
  "failed",
  "completed",
  "rowsIn",
  "rowsOut",
  "durations",
  "rowCounts",
  "gaps",
  "firstStartAt",
  "lastStartAt",
  "lastUpdatedAt",
  "firstFailedAt",
  "firstShownAt",
  "lastFailedAt",
  "recoveredAt",
  "firstCompletedAt",
];

/** Names a row; REMEMBERED copies lie beside what they are copies of. */
export function hourIdOf(pipelineName: string, stageName: string | null, hour: number, isRemembered = false): string {
  const at = new Date(hour).toISOString().slice(0, 13);
  return JSON.stringify(isRemembered ? [pipelineName, stageName, at, "remembered"] : [pipelineName, stageName, at]);
}

/** How hours are rows of a feed that has at least these fields, in whatever order. */
export interface HourRows {
  feed: Feed;
  index(name: keyof PipelineHour): number;
  toRow(hour: PipelineHour): Row;
  toHour(row: Row): PipelineHour;
}

/** Null when the feed lacks one of the fields: it keeps no hours. */
export function hourRows(feed: Feed): HourRows | null {
  const indexes = new Map(NAMES.map((name) => [name, fieldIndex(feed, name)]));
  if ([...indexes.values()].includes(-1)) return null;
  const columns = feed.fields.map(({ name }) => name as keyof PipelineHour);
  return {
    feed,
    index: (name) => indexes.get(name)!,
    toRow: (hour) => columns.map((name) => (hour[name] ?? null) as WireValue),
    toHour: (row) =>
      Object.fromEntries(NAMES.map((name) => [name, row[indexes.get(name)!] ?? null])) as unknown as PipelineHour,
  };
}
