/** Rows of the list of pipelines as markup, for the server and the browser alike (invariant 8: all text is escaped). */
import { firstLine } from "../event-table/cell";
import { escaped } from "../event-table/markup";
import { keyOfRowId, rowId } from "../event-table/row-id";
import { pipelineHref } from "../pipeline/pipeline-href";
import { stripMarkup } from "../pipeline/strip";
import { HEALTH_TONE } from "../pipeline/worst-first";
import { ageText, durationText } from "../ui/time-text";
import type { RecentRun } from "~/model/pipeline";
import type { Around } from "./around";
import { KEEP } from "./morph";
import { durationRatio, rowsRatio, type Judged } from "./pipeline-order";
import type { PipelineFacts } from "./pipeline-facts";
import { shortNumber } from "./short-number";

export const pipelineRowId = (name: string): string => `l${rowId(name)}`;
export const nameOfRowId = (id: string): string => keyOfRowId(id.slice(1));

/** Beyond these a run is unlike the others. */
const SLOW = 1.5;
const FAST = 1 / SLOW;
const FEW = 0.5;
const MANY = 2;

/** @param recent its runs, newest first; null = not known here: the strip that is shown stays */
export function pipelineMarkup(
  { facts, health }: Judged,
  recent: readonly RecentRun[] | null,
  { at, feed, now }: Around,
): string {
  const { pipelineName } = facts;
  const href = escaped(pipelineHref(pipelineName, at, feed));
  const name = pipelineName === "" ? "(no name)" : escaped(firstLine(pipelineName));
  const strip = recent === null ? `<svg ${KEEP}></svg>` : stripMarkup(recent);
  return (
    `<tr id="${pipelineRowId(pipelineName)}" data-row><td class=${HEALTH_TONE[health.state]}>${health.state}` +
    `<th scope=row><a href="${href}">${name}</a>` +
    `<td class=runs>${strip}` +
    `<td class=num>${durationMarkup(facts, health)}` +
    `<td class=num>${rowsMarkup(facts)}` +
    `<td class=num>${successMarkup(facts, now)}` +
    `<td class=why>${whyMarkup({ facts, health }, now)}`
  );
}

function durationMarkup(facts: PipelineFacts, { state }: Judged["health"]): string {
  const { nowDurationMs, usualDurationMs } = facts;
  if (nowDurationMs === null) return "";
  const now = durationText(nowDurationMs);
  if (usualDurationMs === null) return now + NO_WAY;
  const ratio = durationRatio(facts);
  // A run that failed broke off: that it was short is no speed.
  const way = ratio > SLOW ? "up" : ratio < FAST && state !== "failing" ? "down" : null;
  return `<i>${durationText(usualDurationMs)} →</i> ${now}${wayMarkup(way, "slower than usual", "faster than usual")}`;
}

function rowsMarkup(facts: PipelineFacts): string {
  const { nowRows, usualRows } = facts;
  if (nowRows === null) return "";
  const now = shortNumber(nowRows);
  if (usualRows === null) return now + NO_WAY;
  const ratio = rowsRatio(facts);
  const way = ratio > MANY ? "up" : ratio < FEW ? "down" : null;
  return `${now} <i>/ ${shortNumber(usualRows)}</i>${wayMarkup(way, "more than usual", "fewer than usual")}`;
}

const NO_WAY = "<b></b>";

/** A sign for the eye and words for the ear. */
const wayMarkup = (way: "up" | "down" | null, up: string, down: string): string =>
  way === null
    ? NO_WAY
    : `<b><span aria-hidden=true>${way === "up" ? "▲" : "▼"}</span><span class=quiet> ${way === "up" ? up : down}</span></b>`;

const successMarkup = ({ lastSuccessAt }: PipelineFacts, now: number): string =>
  lastSuccessAt === null ? "none yet" : `${ageText(now - lastSuccessAt)} ago`;

/** What more there is to say than the word for it. */
export function whyMarkup({ facts, health }: Judged, now: number): string {
  const { state, text, since, isLearning } = health;
  if (text !== state) return escaped(text.startsWith(state) ? text.slice(state.length).replace(/^[:,]? /, "") : text);
  if ((state === "failing" || state === "retrying") && since !== null) return `for ${ageText(now - since)}`;
  if (isLearning && facts.usualEveryMs === null) return `<i>in its first day</i>`;
  return "";
}
