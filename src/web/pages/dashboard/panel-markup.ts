/**
 * Contents of panels as markup: strings, because the same contents are a part of the page and the answer to whoever follows it.
 * Everything that is not a constant of this file passes through `escaped` (invariant 8).
 */
import { cellOf, firstLine } from "../../../components/event-table/cell";
import { groupDigits } from "../../../components/ui/number-text";
import { escaped } from "../../../components/event-table/markup";
import { tableShape, type Column } from "../../../components/event-table/shape";
import { withParams } from "../../../components/shell/page-url";
import { clockTime, durationText, isoTime, type Zone } from "../../../components/ui/time-text";
import { stripMarkup } from "../../../components/pipeline/strip";
import { toneOf } from "../../../components/ui/tone";
import type { Feed } from "../../../model/feed";
import type { PipelineState, PipelineSummary } from "../../../model/pipeline";
import type { Problem } from "../../../model/problem";
import { compareText, type Row } from "../../../model/value";

const number = (value: number | string): string => groupDigits(String(value));

const empty = (text: string): string => `<p class="panel-empty">${escaped(text)}</p>`;

/** @param known words in the order of the schema; words beyond them follow */
export function countsMarkup(
  field: string,
  known: readonly string[],
  counts: Readonly<Record<string, number>>,
  href: string,
): string {
  const words = [...known, ...Object.keys(counts).filter((word) => !known.includes(word))];
  const items = words.map((word) => {
    const link = escaped(withParams(href, { [field]: word }));
    const count = number(counts[word] ?? 0);
    return `<li data-status="${escaped(word)}"><a href="${link}"><span class="mark ${toneOf(word)}">${escaped(word)}</span><span class="value">${count}</span></a></li>`;
  });
  return `<ul class="counts">${items.join("")}</ul>`;
}

interface About {
  feedHref: string;
  /** Epoch ms from which ages count. */
  instant: number;
  zone: Zone;
}

const RANK = { failing: 0, retrying: 1, recovered: 2 } as const;
const PROBLEM_WORDS = { failing: "FAILED", retrying: "RETRYING", recovered: "COMPLETED" } as const;

export function problemsMarkup(problems: readonly Problem[], most: number, { feedHref, instant, zone }: About): string {
  if (problems.length === 0) return empty("Nothing is failing.");
  const sorted = problems.toSorted(
    (a, b) => RANK[a.state] - RANK[b.state] || b.lastSeen - a.lastSeen || compareText(a.id, b.id),
  );
  const rows = sorted.slice(0, most).map((problem) => {
    const { pipelineName, stageName, error, state, firstSeen, count } = problem;
    const href = escaped(withParams(feedHref, { pipelineName, stageName, status: PROBLEM_WORDS[state] }));
    const said = firstLine(error) || "no message";
    return (
      `<tr><td class="${toneOf(PROBLEM_WORDS[state])}">${state}</td>` +
      `<td class="wide"><a href="${href}">${escaped(firstLine(pipelineName))} › ${escaped(firstLine(stageName))}</a><span class="said">${escaped(said)}</span></td>` +
      `<td class="num">${number(count)}</td><td class="nowrap">${since(firstSeen, instant, zone)}</td></tr>`
    );
  });
  return table(["State", "Problem", "Failures", "Since"], rows, "Problems") + more(problems.length, most, "problems");
}

const PIPELINE_RANK: Readonly<Record<PipelineState, number>> = { failing: 0, retrying: 1, running: 2, ok: 3 };
const PIPELINE_WORDS: Readonly<Record<PipelineState, string>> = {
  failing: "failing",
  retrying: "retrying",
  running: "running",
  ok: "ok",
};

export function pipelinesMarkup(
  pipelines: readonly PipelineSummary[],
  most: number,
  { feedHref, instant, zone }: About,
): string {
  if (pipelines.length === 0) return empty("No pipeline has run.");
  const sorted = pipelines.toSorted(
    (a, b) =>
      PIPELINE_RANK[a.state] - PIPELINE_RANK[b.state] ||
      b.lastStartedAt - a.lastStartedAt ||
      compareText(a.pipelineName, b.pipelineName),
  );
  const rows = sorted.slice(0, most).map((pipeline) => {
    const { pipelineName, state, usualDurationMs, nowDurationMs, lastSuccessAt } = pipeline;
    const href = escaped(withParams(feedHref, { pipelineName }));
    const tone = state === "failing" ? "bad" : toneOf(PIPELINE_WORDS[state]);
    const took = nowDurationMs === null ? "–" : durationText(nowDurationMs);
    const usual = usualDurationMs === null ? "" : ` <span class="muted">usual ${durationText(usualDurationMs)}</span>`;
    return (
      `<tr><td class="${tone}">${state}</td><td class="wide"><a href="${href}">${escaped(firstLine(pipelineName))}</a></td>` +
      `<td>${stripMarkup(pipeline.recent)}</td><td class="nowrap">${took}${usual}</td>` +
      `<td class="nowrap">${lastSuccessAt === null ? "–" : since(lastSuccessAt, instant, zone)}</td></tr>`
    );
  });
  const head = ["State", "Pipeline", "Last 30 batches", "Took", "Last success"];
  return table(head, rows, "Pipelines, worst first") + more(pipelines.length, most, "pipelines");
}

/** @param columns indexes into the row; none = those that the feed declares */
export function tableMarkup(
  shape: Feed,
  columns: readonly number[],
  rows: readonly Row[],
  more: { at: string | null; zone: Zone; href: string | null; window: number | null },
): string {
  const { at, zone, href, window } = more;
  const declared = { ...tableShape(shape), at, zone };
  const known = new Map(declared.columns.map((column) => [column.index, column]));
  const shown: readonly Column[] =
    columns.length === 0
      ? declared.columns
      : columns.map(
          (index) => known.get(index) ?? { index, label: shape.fields[index]!.name, kind: kindOf(shape, index) },
        );
  const foot =
    (window === null ? "" : `<span>Of the newest ${number(window)} events.</span>`) +
    (href === null ? "" : `<a href="${escaped(href)}">All of them</a>`);
  const note = foot === "" ? "" : `<p class="panel-foot">${foot}</p>`;
  if (rows.length === 0) return empty("No event matches.") + note;
  const cells = rows.map((row) => `<tr>${shown.map((column) => cell(declared, column, row)).join("")}</tr>`);
  return (
    table(
      shown.map(({ label }) => label),
      cells,
      `${shape.title}, newest first`,
    ) + note
  );
}

function kindOf(shape: Feed, index: number): Column["kind"] {
  if (index === shape.status) return "status";
  const { kind } = shape.fields[index]!.type;
  if (kind === "timestamp" || kind === "date") return "time";
  return kind === "int" || kind === "long" || kind === "float" || kind === "double" || kind === "decimal"
    ? "number"
    : "text";
}

function cell(shape: Parameters<typeof cellOf>[0], column: Column, row: Row): string {
  const { text, href } = cellOf(shape, column, row);
  const shown = escaped(text);
  switch (column.kind) {
    case "status":
      return `<td class="${text === "" ? "none" : toneOf(text)}">${shown}</td>`;
    case "time":
      return `<td class="nowrap"><time>${shown}</time></td>`;
    case "number":
      return `<td class="num">${shown}</td>`;
    case "long":
      return `<td class="wide" title="${shown}">${shown}</td>`;
    default:
      return href === null ? `<td title="${shown}">${shown}</td>` : `<td><a href="${escaped(href)}">${shown}</a></td>`;
  }
}

const table = (head: readonly string[], rows: readonly string[], caption: string): string =>
  `<table><caption class="quiet">${escaped(caption)}</caption><thead><tr>${head
    .map((label) => `<th scope="col">${escaped(label)}</th>`)
    .join("")}</tr></thead><tbody>${rows.join("")}</tbody></table>`;

const more = (all: number, most: number, what: string): string =>
  all <= most ? "" : `<p class="panel-foot">${number(all - most)} more ${what} are not shown.</p>`;

const since = (ms: number, instant: number, zone: Zone): string =>
  `<time datetime="${isoTime(ms) ?? ""}" title="${clockTime(ms, instant, zone)} ${zone}">${durationText(instant - ms)} ago</time>`;
