/**
 * Rows of the list of problems as markup: the server writes the page with them and the browser every later version, so both show
 * the same. Everything that is not a constant of this file passes through `escaped` (invariant 8).
 */
import type { LinkValues } from "~/model/link-template";
import { FAILURE_STATUSES, type Problem } from "~/model/problem";
import { firstLine } from "../event-table/cell";
import { groupDigits } from "../ui/number-text";
import { escaped } from "../event-table/markup";
import { keyOfRowId, rowId } from "../event-table/row-id";
import { ownerLinks, type ShownOwner } from "../owner/owner-links";
import { ageText, clockTime, isoTime, shortTime } from "../ui/time-text";
import type { MarksOfProblem } from "~/model/problem-mark";
import { eventsHref, problemHref, type Around } from "./around";
import type { ShownMark } from "./decided";
import { errorMarkup, errorParts } from "./error-line";
import { isNew } from "./problem-order";
import { trendMarkup } from "./trend";

/** What people decided about a problem and its pipeline. */
export interface Decided {
  marks: MarksOfProblem<ShownMark> | undefined;
  owner: ShownOwner | undefined;
}

export const problemRowId = (id: string): string => `p${rowId(id)}`;
/** Among the problems are rows of pipelines, too (unheard-markup.ts). */
export const isProblemRow = ({ id }: { id: string }): boolean => id.startsWith("p");
export const idOfRowId = (rowId: string): string => keyOfRowId(rowId.slice(1));

const TONE = { failing: "bad", retrying: "wait", recovered: "ok" } as const;

export function problemMarkup(problem: Problem, { marks, owner }: Decided, around: Around): string {
  const { id, pipelineName, stageName, error, pattern, state, count, batches } = problem;
  const href = problemHref(id, around);
  const events = eventsHref(around, failuresQuery(problem));
  const muted = marks?.mute ? ` class=muted-problem` : "";
  return (
    `<tr id="${problemRowId(id)}" data-row${muted}><td class=${TONE[state]}>${state}` +
    `<th scope=row><a href="${escaped(href)}">${escaped(firstLine(pipelineName))}<span class=sep>›</span>${escaped(firstLine(stageName))}</a>` +
    `<td class=error data-error>${errorMarkup(error, pattern)}${saidOf("acknowledged", marks?.acknowledgement, around)}${saidOf("muted", marks?.mute, around)}` +
    `<td>${sinceMarkup(problem, around)}` +
    `<td class=num><a href="${escaped(events)}">${groupDigits(String(count))}<span class=quiet> ${count === 1 ? "failure" : "failures"}</span></a>` +
    `<td class=num>${groupDigits(String(batches))}` +
    `<td class=num>${trendMarkup(problem, around.now)}` +
    `<td class=owner>${ownerMarkup(owner, { pipeline: pipelineName, stage: stageName, at: isoTime(problem.lastSeen) ?? "" })}` +
    `<td class=acts>${actsMarkup(href, marks, around)}`
  );
}

/** The failures that a problem counts: of its stage, with the longest part of its error that does not vary. */
function failuresQuery({ pipelineName, stageName, error, pattern }: Problem): [string, string][] {
  const constant = errorParts(error, pattern)
    .filter(({ varies }) => !varies)
    .map(({ text }) => text.trim())
    .reduce((longest, text) => (text.length > longest.length ? text : longest), "");
  const of: [string, string][] = [
    ["pipelineName", pipelineName],
    ["stageName", stageName],
    ...FAILURE_STATUSES.map((status): [string, string] => ["status", status]),
  ];
  return constant.length < SAYS_SOMETHING || !error.includes(constant) ? of : [...of, ["q", constant]];
}

const SAYS_SOMETHING = 4;

/** When it began, which leads to this page just before. */
export function sinceMarkup({ since }: Pick<Problem, "since">, { now, zone, feed }: Around): string {
  const ofFeed = feed === null ? "" : `feed=${encodeURIComponent(feed)}&`;
  const before = escaped(`/?${ofFeed}at=${isoTime(since - 1) ?? ""}`);
  const badge = isNew({ since }, now) ? ` <b class=new>NEW</b>` : "";
  return `<a href="${before}" title="This page just before"><time>${shortTime(since, now, zone)}</time></a>${badge} <span class=ago>${ageText(now - since)}</span>`;
}

export function ownerMarkup(owner: ShownOwner | undefined, values: LinkValues): string {
  if (owner === undefined) return "";
  const name = owner.owner === null ? "" : escaped(firstLine(owner.owner));
  const links = ownerLinks(owner, values).map(
    ({ label, href }) =>
      ` <a href="${escaped(href)}" target=_blank rel="noopener noreferrer" aria-label="${label} of ${escaped(owner.pipelineName)}">${label}</a>`,
  );
  return name + links.join("");
}

/** What people decide is of the present: a page of the past leads there without offering it. */
function actsMarkup(href: string, marks: Decided["marks"], { at }: Around): string {
  if (at !== null) return "";
  const ack = marks?.acknowledgement
    ? `<a class=ok href="${escaped(href)}#acknowledgement-title" aria-label=Acknowledged data-key=a>✓ Acked</a>`
    : `<a href="${escaped(href)}#acknowledgement-title" aria-label=Acknowledge data-key=a>Ack</a>`;
  const mute = marks?.mute ? "" : `<a href="${escaped(href)}#mute-title" data-key=m>Mute</a>`;
  return ack + mute;
}

const saidOf = (word: "acknowledged" | "muted", mark: ShownMark | null | undefined, { now, zone }: Around): string =>
  mark
    ? `<span class=said><b>${word} by ${escaped(mark.by)}</b> until ${clockTime(mark.expiresAt, now, zone)}: ${escaped(mark.reason)}</span>`
    : "";
