/**
 * Batches by stages as markup: a stage that fails is a row, a batch that fails a column. Time runs to the right, as in strips.
 * Signs and colours are those of statuses everywhere (`mark.css`); a cell with more than one attempt says how many. Only cells
 * that somebody wants to open are links: the others open by the grid's own keys and clicks, and by the head of their column.
 */
import type { AttemptStatus } from "~/model/attempt";
import type { RunState } from "~/model/batch";
import type { GridBatch, GridCell, PipelineGrid } from "~/model/pipeline-grid";
import { batchHref } from "../event-table/cell";
import { groupDigits } from "../ui/number-text";
import { escaped } from "../event-table/markup";
import { rowId } from "../event-table/row-id";
import { clockTime, durationText, exactTime, type Zone } from "../ui/time-text";
import type { Tone } from "../ui/tone";

export const STATUS_TONE: Readonly<Record<AttemptStatus, Tone>> = {
  STARTED: "run",
  RUNNING: "run",
  RETRYING: "wait",
  FAILED: "bad",
  COMPLETED: "ok",
};
export const RUN_TONE: Readonly<Record<RunState, Tone>> = {
  running: "run",
  retrying: "wait",
  failed: "bad",
  completed: "ok",
};

export interface GridAbout {
  pipelineName: string;
  at: string | null;
  now: number;
  zone: Zone;
}

/** Where the stage of a pipeline stands on the page of a batch. */
export const stageAnchor = (pipelineName: string, stageName: string): string =>
  `lane${rowId(`${pipelineName}/${stageName}`)}`;

export function gridMarkup(grid: PipelineGrid, about: GridAbout): string {
  const { stages, batches, stagesLeftOut } = grid;
  const columns = batches.toReversed();
  const longest = Math.max(1, ...columns.map((batch) => lengthOf(batch, about.now)));
  const heads = columns.map((batch, i) => headCell(batch, about, longest, i === columns.length - 1));
  const rows = stages.map((stage, row) => {
    const anchor = stageAnchor(about.pipelineName, stage);
    const cells = columns.map((batch) => bodyCell(batch, batch.cells[row] ?? null, about.at, anchor));
    return `<tr data-anchor="${anchor}"><th scope="row"><span>${escaped(stage === "" ? "(no name)" : stage)}</span></th>${cells.join("")}</tr>`;
  });
  const left =
    stagesLeftOut > 0
      ? `<p class="table-foot">${groupDigits(String(stagesLeftOut))} more stages are not shown.</p>`
      : "";
  return (
    `<div class="pgrid-scroll" id="pgrid-scroll" data-scroll><table class="pgrid" id="pgrid" role="grid" aria-labelledby="grid-title" aria-describedby="grid-help">` +
    `<thead><tr><td class="corner"></td>${heads.join("")}</tr></thead><tbody>${rows.join("")}</tbody>` +
    `</table></div><p class="pgrid-said small muted" id="pgrid-said" aria-hidden="true">${timeLine(columns, about)}</p>${left}`
  );
}

/** What the line below the grid says while no cell is chosen: from when to when the batches are. */
function timeLine(columns: readonly GridBatch[], { now, zone }: GridAbout): string {
  const [first, last] = [columns[0], columns.at(-1)];
  if (!first || !last) return "";
  return `${clockTime(first.startedAt, now, zone)} to ${clockTime(last.startedAt, now, zone)} ${escaped(zone)}, the newest batch on the right`;
}

const lengthOf = ({ startedAt, endedAt }: GridBatch, now: number): number =>
  Math.max(0, (endedAt ?? Math.max(now, startedAt)) - startedAt);

function headCell(batch: GridBatch, { at, now, zone }: GridAbout, longest: number, isEntry: boolean): string {
  const { correlationId, state, startedAt, endedAt } = batch;
  const length = lengthOf(batch, now);
  const took = endedAt === null ? `running for ${durationText(length)}` : `took ${durationText(length)}`;
  const said = `${correlationId}: ${state}, started ${clockTime(startedAt, now, zone)}, ${took}`;
  const height = Math.round(8 + Math.sqrt(length / longest) * 92);
  return `<th scope="col"><a id="col${rowId(correlationId)}" class="${RUN_TONE[state]}" tabindex="${isEntry ? 0 : -1}" href="${escaped(batchHref(correlationId, at))}" aria-label="${escaped(said)}"><i style="height:${height}%"></i></a></th>`;
}

function bodyCell(batch: GridBatch, cell: GridCell | null, at: string | null, anchor: string): string {
  if (cell === null) return `<td tabindex="-1" aria-label="not there"></td>`;
  const { status, attempts } = cell;
  const tone = STATUS_TONE[status];
  const times = attempts > 1 ? String(Math.min(attempts, 99)) : "";
  const said = escaped(cellText(cell));
  if (status === "COMPLETED") return `<td class="${tone}" tabindex="-1" aria-label="${said}">${times}</td>`;
  const href = escaped(`${batchHref(batch.correlationId, at)}#${anchor}`);
  return `<td><a class="mark ${tone}" tabindex="-1" href="${href}" aria-label="${said}">${times}</a></td>`;
}

/** "FAILED, 3 attempts, 1 min 10 s, connection refused". */
function cellText({ status, attempts, durationMs, rowsOut, error }: GridCell): string {
  const parts: string[] = [status];
  if (attempts > 1) parts.push(`${attempts} attempts`);
  if (durationMs !== null) parts.push(durationText(durationMs));
  if (rowsOut !== null) parts.push(`${groupDigits(String(rowsOut))} rows`);
  if (error !== null && status !== "COMPLETED") parts.push(error.slice(0, 120));
  return parts.join(", ");
}

const share = (value: number): string => `${(Math.floor(value * 1000) / 10).toFixed(1)} %`;

/** The same batches as a table that is read: what the grid and the quality chart show, in words and numbers. */
export function batchTable(grid: PipelineGrid, { at, now, zone }: GridAbout): string {
  const rows = grid.batches.map((batch) => {
    const { correlationId, state, startedAt, rowsIn, rowsOut, quality } = batch;
    const count = (value: typeof rowsIn) => (value === null ? "" : groupDigits(String(value)));
    const link = `<a href="${escaped(batchHref(correlationId, at))}">${escaped(correlationId === "" ? "(no id)" : correlationId)}</a>`;
    return (
      `<tr><th scope="row" class="mono">${link}</th><td class="${RUN_TONE[state]}">${state}</td>` +
      `<td data-label="Started">${exactTime(startedAt, zone).slice(0, 19)}</td><td class="num" data-label="Duration">${durationText(lengthOf(batch, now))}</td>` +
      `<td class="num" data-label="Records in">${count(rowsIn)}</td><td class="num" data-label="Records out">${count(rowsOut)}</td>` +
      `<td data-label="Quality">${quality === null ? "" : `${share(quality.value)} <span class="muted small">${escaped(quality.stageName)}</span>`}</td></tr>`
    );
  });
  const heads = [
    ["Batch", ""],
    ["State", "w-8"],
    [`Started (${zone})`, "w-12"],
    ["Duration", "w-8 num"],
    ["Records in", "w-8 num"],
    ["Records out", "w-8 num"],
    ["Quality, worst stage", "w-12"],
  ].map(([label, name]) => `<th scope="col" class="${name}">${escaped(label!)}</th>`);
  return `<table class="plain-table batches"><caption class="quiet">The last ${grid.batches.length} batches, newest first</caption><thead><tr>${heads.join("")}</tr></thead><tbody>${rows.join("")}</tbody></table>`;
}
