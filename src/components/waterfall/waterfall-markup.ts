/**
 * The waterfall: a lane per stage, a row per attempt, waiting hatched, the batch before as a ghost behind. Plain SVG in percent,
 * so it needs no script and fits any width; the table below it has the same facts. Everything that is no constant is escaped
 * (invariant 8).
 */
import type { Attempt, Count } from "~/model/attempt";
import type { LinkValues } from "~/model/link-template";
import { firstLine } from "../event-table/cell";
import { groupDigits } from "../ui/number-text";
import { escaped } from "../event-table/markup";
import { ownerLinks, type ShownOwner } from "../owner/owner-links";
import { durationText, exactTime, isoTime, type Zone } from "../ui/time-text";
import { safeUrl } from "../ui/safe-url";
import { toneOf } from "../ui/tone";
import { stageAnchor } from "../pipeline/grid-markup";
import { layOut, type GhostSpan, type Lane, type Waterfall as Layout } from "./lanes";

const ROW_PX = 26;
const PAD_PX = 8;
/** Stages that are drawn, and attempts that are listed: beyond it a page would be slower than it says. */
const MOST_LANES = 120;
const MOST_LISTED = 200;

export interface WaterfallAbout {
  attempts: readonly Attempt[];
  /** Where work under way ends, epoch ms. */
  until: number;
  /** Of the batch before. */
  ghosts: readonly GhostSpan[];
  /** Index of the field that leads to the logs, -1 = the feed has none. */
  urlField: number;
  /** Index of the key of an event. */
  keyField: number;
  /** In which the reader wants times. */
  zone: Zone;
  /** What is kept about the pipelines: where logs and reruns are. */
  owners: readonly ShownOwner[];
}

export function waterfallMarkup(about: WaterfallAbout): string {
  const { attempts, until, ghosts, zone } = about;
  const layout = layOut(attempts, until, ghosts);
  const several = new Set(attempts.map(({ pipelineName }) => pipelineName)).size > 1;
  const lanes = layout.lanes.slice(0, MOST_LANES);
  const left = layout.lanes.length - lanes.length;
  const keys = [
    ...(layout.lanes.some(({ gaps }) => gaps.length > 0) ? [`<span><i class="key hatched"></i>waiting</span>`] : []),
    ...(layout.lanes.some(({ ghost }) => ghost !== null)
      ? [`<span><i class="key ghost"></i>the batch before</span>`]
      : []),
  ];
  return (
    `<figure class="fall panel-box" aria-label="Attempts on a time axis; the table below has the same facts">` +
    `<svg class="hatch-source" width="0" height="0" aria-hidden="true"><defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line x1="0" y1="0" x2="0" y2="6" class="hatch-line"/></pattern></defs></svg>` +
    axis(layout, zone) +
    lanes.map((lane) => laneMarkup(lane, layout, several, until)).join("") +
    (left > 0 ? `<p class="table-foot">${groupDigits(String(left))} more stages are not drawn.</p>` : "") +
    (keys.length > 0 ? `<figcaption class="fall-keys small muted">${keys.join("")}</figcaption>` : "") +
    `</figure>${attemptTable(layout, about)}`
  );
}

const axis = ({ ticks, from, to }: Layout, zone: Zone): string =>
  `<div class="lane axis" aria-hidden="true"><div class="lane-name">${escaped(zone)}</div><svg height="24">${ticks
    .map(({ at, left }) => {
      const isLast = left > 97;
      return `<text x="${percent(left)}" y="16" dx="${isLast ? -4 : 4}" text-anchor="${isLast ? "end" : "start"}">${tickText(at, to - from, zone)}</text>`;
    })
    .join("")}</svg></div>`;

const percent = (value: number): string => `${Math.round(value * 1000) / 1000}%`;

function tickText(at: number, span: number, zone: Zone): string {
  const text = exactTime(at, zone);
  if (span > 2 * 86_400_000) return text.slice(5, 16);
  if (span > 600_000) return text.slice(11, 16);
  return span > 5_000 ? text.slice(11, 19) : text.slice(14, 23);
}

function laneMarkup(lane: Lane, { ticks }: Layout, several: boolean, until: number): string {
  const { pipelineName, stageName, attempts, bars, gaps, ghost, rows } = lane;
  const last = attempts.at(-1)!;
  const height = rows * ROW_PX + 2 * PAD_PX;
  const times =
    attempts.length > 1 ? `<span class="muted"> after ${groupDigits(String(attempts.length))} attempts</span>` : "";
  const lines = ticks.map(
    ({ left }) => `<line x1="${percent(left)}" x2="${percent(left)}" y1="0" y2="100%" class="tick"/>`,
  );
  const waits = gaps.map(
    ({ left, width, ms, kind }) =>
      `<rect x="${percent(left)}" width="${percent(width)}" y="${PAD_PX + 3}" height="${ROW_PX - 6}" class="gap" fill="url(#hatch)"><title>${kind === "before-retry" ? "Waited before the next attempt" : "Waited to start"}: ${durationText(ms)}</title></rect>`,
  );
  const before = ghost
    ? `<rect x="${percent(ghost.left)}" width="${percent(ghost.width)}" y="${height - 6}" height="4" class="ghost"><title>In the batch before</title></rect>`
    : "";
  const drawn = bars.map(({ attempt, ordinal, row, left, width }) => {
    const y = PAD_PX + row * ROW_PX + 2;
    const length = durationText(lengthOf(attempt, until));
    const label = width > 9 ? `<text x="${percent(left)}" dx="8" y="${y + 15}">${length}</text>` : "";
    return `<g class="bar ${toneOf(attempt.status)}"><rect x="${percent(left)}" width="${percent(width)}" y="${y}" height="${ROW_PX - 5}" rx="3"><title>Attempt ${ordinal}: ${escaped(attempt.status)}, ${length}</title></rect>${label}</g>`;
  });
  return (
    `<div class="lane" id="${stageAnchor(pipelineName, stageName)}"><div class="lane-name"><b>${escaped(stageName === "" ? "(no name)" : stageName)}</b>` +
    `${several ? `<span class="muted small"> ${escaped(pipelineName)}</span>` : ""}<div class="small"><span class="mark ${toneOf(last.status)}">${escaped(last.status)}</span>${times}</div></div>` +
    `<svg height="${height}" aria-hidden="true">${lines.join("")}${waits.join("")}${before}${drawn.join("")}</svg></div>`
  );
}

export const lengthOf = (attempt: Attempt, until: number): number =>
  attempt.durationMs ?? Math.max(0, (attempt.endedAt ?? Math.max(until, attempt.updatedAt)) - attempt.startedAt);

const countText = (count: Count | null): string => (count === null ? "" : groupDigits(String(count)));

const HEADS = (zone: Zone) =>
  [
    ["Stage", "w-12"],
    ["Status", "w-8"],
    [`Started (${zone})`, "w-12"],
    ["Duration", "w-6 num"],
    ["Records in", "w-6 num"],
    ["Records out", "w-6 num"],
    ["Error", ""],
    ["Links", "w-6"],
  ] as const;

function attemptTable(layout: Layout, about: WaterfallAbout): string {
  const all = layout.lanes.flatMap(({ attempts }) => [...attempts]);
  // What failed is what is looked for: of very many attempts those that completed are left out first.
  const shown = all.length <= MOST_LISTED ? all : pickListed(all);
  const head = HEADS(about.zone).map(([label, name]) => `<th scope="col" class="${name}">${escaped(label)}</th>`);
  const more =
    shown.length < all.length
      ? `<p class="table-foot">${groupDigits(String(shown.length))} of ${groupDigits(String(all.length))} attempts: all that did not complete come first, as far as they fit.</p>`
      : "";
  return (
    `<div class="panel-box"><table class="plain-table attempts"><caption class="quiet">Attempts in the order of their stages</caption>` +
    `<thead><tr>${head.join("")}</tr></thead><tbody>${shown.map((attempt) => attemptRow(attempt, about)).join("")}</tbody></table>${more}</div>`
  );
}

function pickListed(all: readonly Attempt[]): Attempt[] {
  const open = all.filter(({ status }) => status !== "COMPLETED").slice(0, MOST_LISTED);
  const picked = new Set([
    ...open,
    ...all.filter(({ status }) => status === "COMPLETED").slice(0, MOST_LISTED - open.length),
  ]);
  return all.filter((attempt) => picked.has(attempt));
}

function attemptRow(attempt: Attempt, about: WaterfallAbout): string {
  const { pipelineName, stageName, status, startedAt, rowsIn, rowsOut, error } = attempt;
  const time = isoTime(startedAt) ?? "";
  const number = attempt.attempt > 1 ? `<span class="muted small"> attempt ${attempt.attempt}</span>` : "";
  return (
    `<tr><td><b>${escaped(stageName)}</b> <span class="muted small">${escaped(pipelineName)}</span>${number}</td>` +
    `<td class="${toneOf(status)}">${escaped(status)}</td><td class="mono"><time datetime="${time}">${exactTime(startedAt, about.zone)}</time></td>` +
    `<td class="num" data-label="Duration">${durationText(lengthOf(attempt, about.until))}</td>` +
    `<td class="num" data-label="In">${countText(rowsIn)}</td><td class="num" data-label="Out">${countText(rowsOut)}</td>` +
    `<td class="error">${errorMarkup(error)}</td><td>${linksMarkup(attempt, about)}</td></tr>`
  );
}

function errorMarkup(error: string | null): string {
  if (error === null) return "";
  if (error.length <= 160 && !error.includes("\n")) return escaped(error);
  return `<details><summary>${escaped(firstLine(error))}</summary><pre>${escaped(error)}</pre></details>`;
}

function linksMarkup(attempt: Attempt, { urlField, keyField, owners }: WaterfallAbout): string {
  const { pipelineName, stageName, correlationId, attempt: number, last, updatedAt } = attempt;
  const logs = urlField < 0 ? null : safeUrl(last[urlField]);
  const owner = owners.find((one) => one.pipelineName === pipelineName);
  const values: LinkValues = {
    pipeline: pipelineName,
    stage: stageName,
    batch: correlationId,
    event: String(last[keyField]),
    attempt: String(number),
    at: isoTime(updatedAt) ?? "",
  };
  const links = ownerLinks(owner, values).filter(({ label }) => logs === null || label !== "Logs");
  return [...(logs === null ? [] : [{ label: "Logs", href: logs }]), ...links]
    .map(
      ({ label, href }) =>
        `<a class="small" href="${escaped(href)}" rel="noopener noreferrer" target="_blank" aria-label="${label} of ${escaped(stageName)}">${label}</a>`,
    )
    .join(" ");
}
