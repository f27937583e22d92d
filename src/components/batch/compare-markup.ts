/** Two batches stage by stage: how long, how many, how good, what failed, and what else their events say differently. */
import type { Count } from "~/model/attempt";
import type { FieldDifference, StageComparison, StageStory } from "~/model/batch-story";
import type { WireValue } from "~/model/value";
import type { BatchPage } from "~/web/pages/batch-page";
import { batchHref, firstLine } from "../event-table/cell";
import { groupDigits } from "../ui/number-text";
import { escaped } from "../event-table/markup";
import { STATUS_TONE } from "../pipeline/grid-markup";
import { percent } from "../pipeline/quality-markup";
import { durationText } from "../ui/time-text";

const MOST_STAGES = 200;
const MOST_FIELDS = 12;

export function compareMarkup({ compared, correlationId, state, hrefs }: BatchPage): string {
  if (compared === null) return "";
  const other = `<a class="mono" href="${escaped(batchHref(compared.correlationId, state.at))}">${escaped(compared.correlationId)}</a>`;
  const rows = compared.stages.slice(0, MOST_STAGES).map(row);
  const left = compared.stages.length - rows.length;
  return (
    `<p class="small">Left and bold: <b class="mono">${escaped(correlationId)}</b>. Right: ${other}. <a href="${escaped(hrefs.plain)}">Compare no more</a></p>` +
    `<div class="panel-box"><table class="plain-table compare"><caption class="quiet">This batch and the other one by stage</caption><thead><tr>` +
    `<th scope="col">Stage</th><th scope="col">Status</th><th scope="col">Duration</th><th scope="col">Records out</th><th scope="col">Lost</th><th scope="col">Quality</th>` +
    `</tr></thead><tbody>${rows.join("")}</tbody></table>${left > 0 ? `<p class="table-foot">${groupDigits(String(left))} more stages.</p>` : ""}</div>` +
    fieldsMarkup(compared.stages)
  );
}

function row({ pipelineName, stageName, now, before }: StageComparison): string {
  const error = [now?.error, before?.error].some((text) => text)
    ? `<tr class="compare-errors"><td colspan="6">${errorText("This one", now)}${errorText("The other", before)}</td></tr>`
    : "";
  return (
    `<tr><th scope="row">${escaped(stageName)} <span class="muted small">${escaped(pipelineName)}</span></th>` +
    `<td data-label="Status">${statusText(now)} <span class="muted">|</span> ${statusText(before)}</td>` +
    `<td data-label="Duration">${pair(now, before, ({ durationMs }) => (durationMs === null ? "" : durationText(durationMs)))} ${factor(now?.durationMs ?? null, before?.durationMs ?? null)}</td>` +
    `<td data-label="Out">${pair(now, before, ({ rowsOut }) => (rowsOut === null ? "" : groupDigits(String(rowsOut))))} ${factor(now?.rowsOut ?? null, before?.rowsOut ?? null)}</td>` +
    `<td data-label="Lost">${pair(now, before, ({ dropped }) => (dropped === null ? "" : `${(dropped * 100).toFixed(1)} %`))}</td>` +
    `<td data-label="Quality">${pair(now, before, ({ quality }) => (quality === null ? "" : percent(quality.value)))}</td></tr>${error}`
  );
}

const statusText = (story: StageStory | null): string =>
  story === null
    ? `<span class="muted">not there</span>`
    : `<span class="mark ${STATUS_TONE[story.status]}">${story.status}</span>${story.attempts > 1 ? ` <span class="muted small">${story.attempts} ×</span>` : ""}`;

function pair(now: StageStory | null, before: StageStory | null, text: (story: StageStory) => string): string {
  const [a, b] = [now === null ? "" : text(now), before === null ? "" : text(before)];
  return a === "" && b === "" ? "" : `<b>${a === "" ? "–" : a}</b> <span class="muted">| ${b === "" ? "–" : b}</span>`;
}

/** How many times as much, where it is worth a word. */
function factor(now: Count | null, before: Count | null): string {
  const [a, b] = [Number(now ?? 0), Number(before ?? 0)];
  if (now === null || before === null || b <= 0) return "";
  const ratio = a / b;
  if (ratio > 2 / 3 && ratio < 1.5) return "";
  return `<span class="wait small">${ratio > 1 ? "▲" : "▼"} ${ratio >= 10 ? Math.round(ratio) : ratio.toFixed(1)} ×</span>`;
}

const errorText = (who: string, story: StageStory | null): string =>
  story?.error ? `<p class="error-note"><span class="muted">${who}:</span> ${escaped(firstLine(story.error))}</p>` : "";

/** What is different in the same way at every stage is told once. */
function fieldsMarkup(stages: readonly StageComparison[]): string {
  const told = new Map<string, { difference: FieldDifference; stages: string[] }>();
  for (const { stageName, fields } of stages)
    for (const difference of fields) {
      const key = JSON.stringify(difference);
      const known = told.get(key);
      if (known) known.stages.push(stageName);
      else told.set(key, { difference, stages: [stageName] });
    }
  if (told.size === 0) return `<p class="muted small">Their events say nothing else that differs.</p>`;
  const both = stages.filter(({ now, before }) => now !== null && before !== null).length;
  const items = [...told.values()]
    .sort((a, b) => b.stages.length - a.stages.length)
    .slice(0, MOST_FIELDS)
    .map(({ difference: { field, now, before }, stages: where }) => {
      const at =
        where.length === both && both > 1
          ? "at every stage"
          : `at ${where.slice(0, 3).map(escaped).join(", ")}${where.length > 3 ? ` and ${where.length - 3} more` : ""}`;
      return `<li><b>${escaped(field)}</b> ${valueText(now)} <span class="muted">| ${valueText(before)} ${at}</span></li>`;
    });
  const more = told.size > items.length ? `<li class="muted">and ${told.size - items.length} more</li>` : "";
  return `<h3 class="small muted">What else differs</h3><ul class="differences small">${items.join("")}${more}</ul>`;
}

const valueText = (value: WireValue): string =>
  value === null
    ? "nothing"
    : escaped(firstLine(typeof value === "object" ? JSON.stringify(value) : String(value)).slice(0, 80));
