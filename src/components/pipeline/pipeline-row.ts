/**
 * A pipeline as a row of a table, as markup: on the first page and on the list of all. One function for the server's page and
 * the browser's patches, so that they cannot differ. Everything that people or events wrote passes through `escaped`
 * (invariant 8).
 */
import type { PipelineSummary } from "~/model/pipeline";
import type { Health } from "~/model/pipeline-health";
import { escaped } from "../event-table/markup";
import { rowId } from "../event-table/row-id";
import { ageText } from "../ui/time-text";
import { againstUsual } from "./against-usual";
import { pipelineHref } from "./pipeline-href";
import { stripMarkup } from "./strip";
import { HEALTH_TONE } from "./worst-first";

export interface PipelineRowAbout {
  /** The time that the page is of, null = the present: links lead to the same time. */
  at: string | null;
  /** Epoch ms from which ages are counted. */
  now: number;
  /** Named in links where the reader has several feeds with pipelines; else null. */
  feed: string | null;
  /** Who answers for it; null = nobody, or not known. */
  owner: string | null;
}

/** The columns of `pipelineRow`, in its order. */
export const PIPELINE_COLUMNS = [
  ["Pipeline", "pipe-name"],
  ["State", "pipe-state"],
  ["Last 30 batches", "pipe-strip"],
  ["Duration", "pipe-figure"],
  ["Rows", "pipe-figure"],
  ["Last success", "pipe-fresh"],
  ["Owner", "pipe-owner"],
] as const;

export const pipelineHead = (): string =>
  `<tr>${PIPELINE_COLUMNS.map(([label, name]) => `<th scope="col" class="${name}">${label}</th>`).join("")}</tr>`;

/** Id of the row of a pipeline, of safe letters. */
export const pipelineRowId = (pipelineName: string): string => `pipe-${rowId(pipelineName)}`;

/** @param health at `about.now` */
export function pipelineRow(summary: PipelineSummary, { state, text }: Health, about: PipelineRowAbout): string {
  const { pipelineName, recent, nowDurationMs, usualDurationMs, nowRows, usualRows } = summary;
  const name = pipelineName === "" ? "(no name)" : escaped(pipelineName);
  const cells = [
    `<th scope="row"><a href="${escaped(pipelineHref(pipelineName, about.at, about.feed))}">${name}</a></th>`,
    `<td>${healthMark(state, text)}${reason(summary)}</td>`,
    `<td>${stripMarkup(recent)}</td>`,
    `<td data-label="Duration">${againstUsual("duration", nowDurationMs, usualDurationMs)}</td>`,
    `<td data-label="Rows">${againstUsual("rows", nowRows, usualRows)}</td>`,
    `<td data-label="Last success">${agoMarkup(summary.lastSuccessAt, about.now)}</td>`,
    `<td>${about.owner === null ? "" : escaped(about.owner)}</td>`,
  ];
  return `<tr id="${pipelineRowId(pipelineName)}" data-row data-state="${state}">${cells.join("")}</tr>`;
}

/** The state as a mark; what more there is to say of it stands beside it. */
export function healthMark(state: Health["state"], text: string): string {
  const mark = `<span class="mark ${HEALTH_TONE[state]}">${state}</span>`;
  if (text === state) return mark;
  const rest = text.startsWith(state) ? text.slice(state.length).replace(/^[:,]? /, "") : text;
  return `${mark} <span class="small">${escaped(rest)}</span>`;
}

/** In a few words, why the state is what it is. */
function reason({ recent, failed, runs }: PipelineSummary): string {
  const ended = recent.filter(({ state }) => state === "failed" || state === "completed");
  const good = ended.findIndex(({ state }) => state === "completed");
  const inARow = good < 0 ? ended.length : good;
  if (inARow > 1) return ` <span class="muted small">${inARow} in a row</span>`;
  return failed > 0 ? ` <span class="muted small">${failed} of ${runs} failed</span>` : "";
}

/** `<time>` whose text a page moves on once a minute (`moveAges`). */
export function agoMarkup(ms: number | null, now: number): string {
  if (ms === null) return `<span class="muted">none yet</span>`;
  const iso = new Date(ms).toISOString();
  return `<time datetime="${iso}" title="${iso}" data-ago="${ms}">${agoText(ms, now)}</time>`;
}

export const agoText = (ms: number, now: number): string =>
  now - ms < 60_000 ? "just now" : `${ageText(now - ms)} ago`;

/** Brings the ages below an element up to `now`. */
export function moveAges(root: ParentNode, now: number): void {
  for (const time of root.querySelectorAll<HTMLElement>("time[data-ago]")) {
    const text = agoText(Number(time.dataset["ago"]), now);
    if (time.textContent !== text) time.textContent = text;
  }
}
