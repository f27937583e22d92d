/**
 * The last batches of one pipeline, stage by stage: what a grid of batches and stages shows, where a failing stage is a row and
 * a failing batch a column. Pure; the same for any order of the rows.
 */
import {
  attemptKeyOf,
  attemptOf,
  compareAttempts,
  type Attempt,
  type AttemptFields,
  type AttemptStatus,
  type Count,
} from "./attempt";
import { summariseBatch, type RunState } from "./batch";
import { eventTimeOf } from "./feed";
import { qualityOf, type Quality } from "./quality";
import { compareText, type Row } from "./value";

/** What became of one stage of one batch: its last attempt. */
export interface GridCell {
  status: AttemptStatus;
  attempts: number;
  startedAt: number;
  durationMs: number | null;
  rowsIn: Count | null;
  rowsOut: Count | null;
  error: string | null;
}

export interface GridBatch {
  correlationId: string;
  state: RunState;
  startedAt: number;
  endedAt: number | null;
  rowsIn: Count | null;
  rowsOut: Count | null;
  quality: Quality | null;
  /** In the order of the stages; null = the batch has not been there. */
  cells: readonly (GridCell | null)[];
}

export interface PipelineGrid {
  /** In the order in which batches go through them. */
  stages: readonly string[];
  /** Stages beyond the bound. */
  stagesLeftOut: number;
  /** Newest first. */
  batches: readonly GridBatch[];
  /** Batches of the pipeline among the rows, shown or not. */
  batchesInAll: number;
}

export interface GridBounds {
  batches: number;
  stages: number;
}

/** @param rows of the pipeline, any order */
export function pipelineGrid(fields: AttemptFields, rows: Iterable<Row>, bounds: GridBounds): PipelineGrid {
  const byBatch = rowsByBatch(fields, rows);
  const newest = [...byBatch.values()]
    .sort((a, b) => b.firstAt - a.firstAt || compareText(a.correlationId, b.correlationId))
    .slice(0, bounds.batches);
  const folded = newest.map(({ correlationId, rows: own }) => foldBatch(fields, correlationId, own));
  const all = stageOrder(folded);
  const stages = all.slice(0, bounds.stages);
  return {
    stages,
    stagesLeftOut: all.length - stages.length,
    batches: folded
      .map(({ lasts, counts, batch }) => ({
        ...batch,
        cells: stages.map((stage) => {
          const last = lasts.get(stage);
          return last ? cellOf(last, counts.get(stage)!) : null;
        }),
      }))
      .sort((a, b) => b.startedAt - a.startedAt || compareText(a.correlationId, b.correlationId)),
    batchesInAll: byBatch.size,
  };
}

interface BatchRows {
  correlationId: string;
  /** Event time of its first event: which batches are the newest ones is decided before any of them is folded. */
  firstAt: number;
  rows: Row[];
}

function rowsByBatch(fields: AttemptFields, rows: Iterable<Row>): Map<string, BatchRows> {
  const byBatch = new Map<string, BatchRows>();
  for (const row of rows) {
    const correlationId = row[fields.correlationId] as string;
    const at = eventTimeOf(fields.feed, row);
    const known = byBatch.get(correlationId);
    if (!known) byBatch.set(correlationId, { correlationId, firstAt: at, rows: [row] });
    else {
      known.firstAt = Math.min(known.firstAt, at);
      known.rows.push(row);
    }
  }
  return byBatch;
}

interface FoldedBatch {
  /** The last attempt of each stage, and how many there were. */
  lasts: ReadonlyMap<string, Attempt>;
  counts: ReadonlyMap<string, number>;
  /** When each stage was first begun. */
  firsts: ReadonlyMap<string, number>;
  batch: Omit<GridBatch, "cells">;
}

function foldBatch(fields: AttemptFields, correlationId: string, rows: readonly Row[]): FoldedBatch {
  const attempts = foldAttempts(fields, rows);
  const lasts = new Map<string, Attempt>();
  const counts = new Map<string, number>();
  const firsts = new Map<string, number>();
  for (const attempt of attempts) {
    const { stageName, startedAt } = attempt;
    const last = lasts.get(stageName);
    if (!last || compareAttempts(attempt, last) > 0) lasts.set(stageName, attempt);
    counts.set(stageName, (counts.get(stageName) ?? 0) + 1);
    firsts.set(stageName, Math.min(firsts.get(stageName) ?? Infinity, startedAt));
  }
  const { state, startedAt, endedAt, rowsIn, rowsOut } = summariseBatch(correlationId, attempts).batch;
  const quality = qualityOf(lasts.values());
  return { lasts, counts, firsts, batch: { correlationId, state, startedAt, endedAt, rowsIn, rowsOut, quality } };
}

/** The attempts of rows of any batches, in no order. */
export function foldAttempts(fields: AttemptFields, rows: Iterable<Row>): Attempt[] {
  const byAttempt = new Map<string, Row[]>();
  for (const row of rows) {
    const key = attemptKeyOf(fields, row);
    const own = byAttempt.get(key);
    if (own) own.push(row);
    else byAttempt.set(key, [row]);
  }
  return [...byAttempt.values()].map((own) => attemptOf(fields, own));
}

/** Stages by the mean of their places within the batches that have them; what is equal stands by name. */
function stageOrder(batches: readonly FoldedBatch[]): string[] {
  const places = new Map<string, { sum: number; count: number }>();
  for (const { firsts } of batches) {
    const order = [...firsts].sort(([a, at], [b, bt]) => at - bt || compareText(a, b));
    order.forEach(([stage], i) => {
      const place = places.get(stage) ?? { sum: 0, count: 0 };
      place.sum += i;
      place.count++;
      places.set(stage, place);
    });
  }
  const mean = ({ sum, count }: { sum: number; count: number }) => sum / count;
  return [...places].sort(([a, x], [b, y]) => mean(x) - mean(y) || compareText(a, b)).map(([stage]) => stage);
}

const cellOf = (last: Attempt, attempts: number): GridCell => {
  const { status, startedAt, durationMs, rowsIn, rowsOut, error } = last;
  return { status, attempts, startedAt, durationMs, rowsIn, rowsOut, error };
};
