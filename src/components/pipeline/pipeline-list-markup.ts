/** The parts of the list of pipelines that change, as markup; everything that is no constant is escaped (invariant 8). */
import type { PipelineListPage } from "~/web/pages/pipeline-list-page";
import { groupDigits } from "../ui/number-text";
import { escaped } from "../event-table/markup";
import { pipelineHead } from "./pipeline-row";
import { HEALTH_TONE } from "./worst-first";

export function listCounts({ counts }: PipelineListPage): string {
  const items = counts
    .filter(({ state, count, isChosen }) => count > 0 || isChosen || state === "failing")
    .map(
      ({ state, count, href, isChosen }) =>
        `<li><a href="${escaped(href)}"${isChosen ? ' aria-current="true"' : ""}><span class="mark ${HEALTH_TONE[state]}">${state}</span><span class="value">${groupDigits(String(count))}</span></a></li>`,
    );
  return `<ul class="counts pipe-counts" aria-label="Pipelines by state">${items.join("")}</ul>`;
}

export function listRows(page: PipelineListPage): string {
  const { rows, shown, matching, total, moreHref, allHref } = page;
  if (total === 0) return `<p class="empty"><strong>No pipeline has run yet.</strong></p>`;
  if (matching === 0)
    return `<p class="empty"><strong>No pipeline matches.</strong><a href="${escaped(allHref)}">Show all ${groupDigits(String(total))}</a></p>`;
  const foot =
    shown < matching
      ? `<p class="table-foot">${groupDigits(String(shown))} of ${groupDigits(String(matching))} pipelines, worst first.${moreHref === null ? "" : ` <a href="${escaped(moreHref)}">Show more</a>`}</p>`
      : "";
  return `<table class="plain-table pipes"><caption class="quiet">Pipelines, worst first</caption><thead>${pipelineHead()}</thead><tbody>${rows}</tbody></table>${foot}`;
}
