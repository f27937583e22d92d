/** What a batch is like, its stages in numbers, its way and its neighbours, as markup; what is no constant is escaped (invariant 8). */
import { layersOf } from "~/model/lineage";
import type { StageStory } from "~/model/batch-story";
import type { BatchPage } from "~/web/pages/batch-page";
import { batchHref, firstLine } from "../event-table/cell";
import { groupDigits } from "../ui/number-text";
import { escaped } from "../event-table/markup";
import { graphMarkup } from "../pipeline/graph-markup";
import { RUN_TONE, stageAnchor, STATUS_TONE } from "../pipeline/grid-markup";
import { pipelineHref } from "../pipeline/pipeline-href";
import { percent } from "../pipeline/quality-markup";
import { durationText, exactTime, isoTime } from "../ui/time-text";

const STATE_WORDS = { running: "Running", retrying: "Retrying", failed: "Failed", completed: "Completed" } as const;
const MOST_NAMED = 8;

const fact = (name: string, value: string): string => `<div><dt>${name}</dt><dd>${value}</dd></div>`;

/** The error first: it is what a batch that failed is opened for. */
export function batchFactsMarkup(page: BatchPage): string {
  const { summary, until, zone, quality, events, isTruncated, instant } = page;
  const { startedAt, endedAt, rowsIn, rowsOut, pipelines, failed } = summary;
  const count = (value: typeof rowsIn) => (value === null ? "–" : groupDigits(String(value)));
  const known =
    quality === null ? "" : `${percent(quality.value)} <span class="muted small">${escaped(quality.stageName)}</span>`;
  const of = isTruncated ? "the newest " : "";
  return `${errorMarkup(page)}<dl class="facts">${[
    fact("State", stateMarkup(page)),
    fact(pipelines.length === 1 ? "Pipeline" : "Pipelines", pipelineLinks(page)),
    fact(
      "Started",
      `<time datetime="${isoTime(startedAt) ?? ""}">${exactTime(startedAt, zone).slice(0, 19)} ${escaped(zone)}</time>`,
    ),
    fact(endedAt === null ? "Running for" : "Duration", durationText((endedAt ?? until) - startedAt)),
    fact("Records in", count(rowsIn)),
    fact("Records out", count(rowsOut)),
    ...(known === "" ? [] : [fact("Quality, worst stage", known)]),
    ...(failed > 0 ? [fact("Failed attempts", groupDigits(String(failed)))] : []),
    fact("Events", `<a href="${escaped(page.hrefs.events)}">${of}${groupDigits(String(events))}</a>`),
    ...(instant === null
      ? []
      : [fact("Newest one committed", `<a class="mono small" href="${escaped(instant.href)}">${instant.id}</a>`)]),
  ].join("")}</dl>`;
}

/** What is told to be under way and was not heard of for longer than such runs take is not shown as running. */
function stateMarkup({ summary, lostSince, zone }: BatchPage): string {
  if (lostSince === null) return `<span class="mark ${RUN_TONE[summary.state]}">${STATE_WORDS[summary.state]}</span>`;
  return `<span class="mark bad">Lost</span> <span class="muted small">nothing heard since ${exactTime(lostSince, zone).slice(0, 19)}</span>`;
}

function errorMarkup({ summary, stages, problemHrefs }: BatchPage): string {
  if (summary.state !== "failed" && summary.state !== "retrying") return "";
  const broken = stages.filter(({ status, error }) => (status === "FAILED" || status === "RETRYING") && error !== null);
  return broken
    .slice(0, MOST_NAMED)
    .map(({ pipelineName, stageName, error, status }) => {
      const key = `${pipelineName}\0${stageName}`;
      const problem = problemHrefs.get(key);
      const link = problem === undefined ? "" : `<a class="small" href="${escaped(problem)}">Its problem</a>`;
      const anchor = stageAnchor(pipelineName, stageName);
      const tone = STATUS_TONE[status];
      const rest = error!.trim().includes("\n")
        ? `<details id="error${anchor}"><summary class="small">All of it</summary><pre>${escaped(error!)}</pre></details>`
        : "";
      return (
        `<div class="batch-error ${tone}"><p><a class="mark ${tone}" href="#${anchor}">${escaped(stageName)}</a> <span class="muted small">${escaped(pipelineName)}</span></p>` +
        `<p class="error-note">${escaped(firstLine(error!))}</p>${rest}` +
        `<p class="actions"><button type="button" data-copy="${escaped(error!)}">Copy error</button>${link}</p></div>`
      );
    })
    .join("");
}

function pipelineLinks({ summary, state, linkFeed }: BatchPage): string {
  const names = summary.pipelines;
  const links = names
    .slice(0, MOST_NAMED)
    .map(
      (name) =>
        `<a href="${escaped(pipelineHref(name, state.at, linkFeed))}">${escaped(name === "" ? "(no name)" : name)}</a>`,
    );
  const more = names.length > links.length ? ` and ${groupDigits(String(names.length - links.length))} more` : "";
  return links.join(", ") + more;
}

/** The batch before and after, of each pipeline. */
export function neighbourMarkup({ neighbours, state, hrefs, linkFeed }: BatchPage): string {
  const shown = neighbours.slice(0, MOST_NAMED);
  if (shown.length === 0)
    return `<p class="muted small">Its neighbours are not in the window of the newest events.</p>`;
  const link = (id: string | null, word: string, rel: string) =>
    id === null
      ? `<span class="muted">${rel === "prev" ? "the first one known" : "the newest one"}</span>`
      : `<a rel="${rel}" href="${escaped(batchHref(id, state.at))}">${word} <span class="mono small">${escaped(id)}</span></a>`;
  return `<ul class="neighbours">${shown
    .map(({ pipelineName, previous, next }) => {
      const name = `<a href="${escaped(pipelineHref(pipelineName, state.at, linkFeed))}">${escaped(pipelineName)}</a>`;
      const compare =
        previous === null
          ? ""
          : `<a class="small" href="${escaped(withOther(hrefs.plain, previous))}#compare">compare with the one before</a>`;
      return `<li>${shown.length > 1 ? `${name}: ` : ""}${link(previous, "←", "prev")}<span class="sep" aria-hidden="true">·</span>${link(next, "→", "next")} ${compare}</li>`;
    })
    .join("")}</ul>`;
}

const withOther = (here: string, other: string): string =>
  `${here}${here.includes("?") ? "&" : "?"}with=${encodeURIComponent(other)}`;

const MOST_STAGES = 200;

/** Records in and out per stage, what was lost on the way, and how good it is. */
export function stageTable({ stages }: Pick<BatchPage, "stages">): string {
  const most = Math.max(1, ...stages.map(({ rowsIn, rowsOut }) => Math.max(Number(rowsIn ?? 0), Number(rowsOut ?? 0))));
  const rows = stages.slice(0, MOST_STAGES).map((stage) => {
    const { stageName, pipelineName, status, attempts, durationMs, rowsIn, rowsOut, dropped, quality } = stage;
    const count = (value: typeof rowsIn) => (value === null ? "" : groupDigits(String(value)));
    const bar = `<svg class="flow" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="in" width="${width(rowsIn, most)}" height="8"/><rect class="out" width="${width(rowsOut, most)}" height="8"/></svg>`;
    const times = attempts > 1 ? ` <span class="muted small">${groupDigits(String(attempts))} attempts</span>` : "";
    return (
      `<tr><th scope="row"><a href="#${stageAnchor(pipelineName, stageName)}">${escaped(stageName)}</a> <span class="muted small">${escaped(pipelineName)}</span></th>` +
      `<td class="${STATUS_TONE[status]}">${status}${times}</td><td class="num" data-label="Duration">${durationMs === null ? "" : durationText(durationMs)}</td>` +
      `<td class="num" data-label="In">${count(rowsIn)}</td><td class="num" data-label="Out">${count(rowsOut)}</td>` +
      `<td data-label="Lost">${lossText(stage)}${rowsIn === null && rowsOut === null ? "" : bar}</td><td class="num" data-label="Quality">${quality === null || (dropped === null && quality.basis === "counts") ? "" : percent(quality.value)}</td></tr>`
    );
  });
  const heads = [
    ["Stage", ""],
    ["Status", "w-12"],
    ["Duration", "w-8 num"],
    ["Records in", "w-8 num"],
    ["Records out", "w-8 num"],
    ["Lost", "w-12"],
    ["Quality", "w-6 num"],
  ].map(([label, name]) => `<th scope="col" class="${name}">${label}</th>`);
  const left = stages.length - rows.length;
  const more = left > 0 ? `<p class="table-foot">${groupDigits(String(left))} more stages.</p>` : "";
  return `<div class="panel-box"><table class="plain-table stages"><caption class="quiet">Records and quality by stage</caption><thead><tr>${heads.join("")}</tr></thead><tbody>${rows.join("")}</tbody></table>${more}</div>`;
}

const width = (value: StageStory["rowsIn"], most: number): number =>
  Math.round((Number(value ?? 0) / most) * 1000) / 10;

/** "3.1 % (37,000)"; more out than in is told as well. */
function lossText({ dropped, rowsIn, rowsOut }: StageStory): string {
  if (dropped === null) return "";
  if (dropped > 0) {
    const rows = BigInt(rowsIn!) - BigInt(rowsOut!);
    const share = dropped < 0.0005 ? "&lt; 0.1 %" : `${(dropped * 100).toFixed(1)} %`;
    return `<span class="${dropped >= 0.05 ? "wait" : ""}">${share}</span> <span class="muted small">${groupDigits(String(rows))} records</span> `;
  }
  return Number(rowsOut) > Number(rowsIn)
    ? `<span class="muted small">more out than in</span> `
    : `<span class="muted">none</span> `;
}

/** Everything that the id touched, as a way: a drawing and the list of it. */
export function pathMarkup(page: BatchPage): string {
  const { runs, steps, state, linkFeed, until, zone } = page;
  if (runs.length < 2) return "";
  const layers = layersOf(
    runs.map(({ pipelineName }) => pipelineName),
    steps,
  );
  const layer = new Map(layers.map((node) => [node.pipelineName, node.layer]));
  const drawing =
    runs.length > MOST_DRAWN || steps.length === 0
      ? ""
      : graphMarkup(
          runs.map(({ pipelineName, state: run }) => ({
            name: pipelineName,
            layer: layer.get(pipelineName)!,
            tone: RUN_TONE[run],
            word: run,
            href: pipelineHref(pipelineName, state.at, linkFeed),
            isSelf: false,
          })),
          steps.map((step) => ({ ...step, weight: 0 })),
        );
  const rows = runs.slice(0, MOST_STAGES).map(({ pipelineName, state: run, startedAt, endedAt, rowsOut }) => {
    const from = steps.filter(({ to }) => to === pipelineName).map((step) => escaped(step.from));
    const link = `<a href="${escaped(pipelineHref(pipelineName, state.at, linkFeed))}">${escaped(pipelineName === "" ? "(no name)" : pipelineName)}</a>`;
    return `<li>${link} <span class="mark ${RUN_TONE[run]}">${run}</span> <span class="muted small">${from.length > 0 ? `after ${from.slice(0, 4).join(", ")}; ` : ""}started ${exactTime(startedAt, zone).slice(11, 19)}, ${endedAt === null ? "for" : "took"} ${durationText((endedAt ?? until) - startedAt)}${rowsOut === null ? "" : `, ${groupDigits(String(rowsOut))} rows`}</span></li>`;
  });
  const wide =
    steps.length === 0
      ? `<p class="muted small">${groupDigits(String(runs.length))} pipelines share this id without one following another.</p>`
      : "";
  return `<section aria-labelledby="path-title"><h2 class="pipe-h2" id="path-title">Its way through the pipelines</h2><div class="panel-box pipe-box">${drawing}${wide}<ol class="path">${rows.join("")}</ol></div></section>`;
}

/** Boxes that an eye can take in. */
const MOST_DRAWN = 40;
