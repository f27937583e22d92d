/**
 * Rows among the problems for pipelines that nothing is heard of: no stage of theirs failed, and the trouble is no smaller for that.
 * As markup, for the server and the browser alike (invariant 8: all text is escaped).
 */
import { firstLine } from "../event-table/cell";
import { escaped } from "../event-table/markup";
import { rowId } from "../event-table/row-id";
import type { ShownOwner } from "../owner/owner-links";
import { pipelineHref } from "../pipeline/pipeline-href";
import { HEALTH_TONE } from "../pipeline/worst-first";
import { isoTime } from "../ui/time-text";
import type { Around } from "./around";
import { whyMarkup } from "./pipeline-markup";
import type { Judged } from "./pipeline-order";
import { ownerMarkup, sinceMarkup } from "./problem-markup";

export const unheardRowId = (name: string): string => `u${rowId(name)}`;

/** Its run fell silent, or the next one never came. */
export const isUnheard = ({ health: { state } }: Judged): boolean => state === "lost" || state === "silent";

/** In the columns of a problem; what counts failures stays empty. */
export function unheardMarkup(judged: Judged, owner: ShownOwner | undefined, around: Around): string {
  const { pipelineName } = judged.facts;
  const { state, since } = judged.health;
  const href = escaped(pipelineHref(pipelineName, around.at, around.feed));
  const values = { pipeline: pipelineName, ...(since === null ? {} : { at: isoTime(since) ?? "" }) };
  return (
    `<tr id="${unheardRowId(pipelineName)}" data-row><td class=${HEALTH_TONE[state]}>${state}` +
    `<th scope=row><a href="${href}">${pipelineName === "" ? "(no name)" : escaped(firstLine(pipelineName))}</a>` +
    `<td class=why>${whyMarkup(judged, around.now)}` +
    `<td>${since === null ? "" : sinceMarkup({ since }, around)}` +
    `<td class=num><td class=num><td class=num>` +
    `<td class=owner>${ownerMarkup(owner, values)}` +
    `<td class=acts>`
  );
}
