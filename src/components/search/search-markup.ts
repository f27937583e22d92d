/** What answers a search, as markup; everything that is no constant is escaped (invariant 8). */
import type { ErrorHit } from "~/model/error-search";
import type { SearchPage } from "~/web/pages/search-page";
import { firstLine } from "../event-table/cell";
import { groupDigits } from "../ui/number-text";
import { escaped } from "../event-table/markup";
import { exactTime, isoTime, type Zone } from "../ui/time-text";

type Found = NonNullable<SearchPage["found"]>["problems"][number];

const TONES = { failing: "bad", retrying: "wait", recovered: "ok" } as const;

export function foundMarkup(problems: readonly Found[], zone: Zone): string {
  const rows = problems.map((problem) => rowOf(problem, zone)).join("");
  return `<table class="plain-table"><caption class="quiet">Problems whose errors have these words, the last that failed first</caption><thead><tr><th scope="col">Error</th><th scope="col" class="w-12">Where</th><th scope="col" class="num w-4">Events</th><th scope="col" class="w-12">From, to</th></tr></thead><tbody>${rows}</tbody></table>`;
}

function rowOf(problem: Found, zone: Zone): string {
  const { pipelineName, stageName, count, firstAt, lastAt, state, href, eventsHref } = problem;
  const where = `${escaped(firstLine(pipelineName))}<span class="sep" aria-hidden="true">›</span>${escaped(firstLine(stageName))}`;
  const mark = state === null ? "" : `<span class="mark ${TONES[state]}">${state}</span>`;
  const times = firstAt === lastAt ? time(lastAt, zone) : `${time(firstAt, zone)}<br>${time(lastAt, zone)}`;
  return `<tr data-row><td class="error" data-error><a href="${escaped(href)}">${markedLine(problem)}</a></td><td>${where} ${mark}</td><td class="num" data-label="Events"><a href="${escaped(eventsHref)}" aria-label="${groupDigits(String(count))} events of ${escaped(firstLine(pipelineName))}">${groupDigits(String(count))}</a></td><td class="mono small">${times}</td></tr>`;
}

const time = (ms: number, zone: Zone): string =>
  `<time datetime="${isoTime(ms) ?? ""}">${exactTime(ms, zone).slice(0, 19)}</time>`;

/** Letters that would break the line or the page are shown as what they would become; there are as many as before. */
const UNSHOWABLE = /[\p{Cc}\p{Cs}]/gu;

/** What was looked for is marked. */
export function markedLine({ line, marks }: ErrorHit): string {
  const shown = (from: number, to?: number) => escaped(line.slice(from, to).replace(UNSHOWABLE, "\uFFFD"));
  let markup = "";
  let at = 0;
  for (const [start, end] of marks) {
    markup += `${shown(at, start)}<mark>${shown(start, end)}</mark>`;
    at = end;
  }
  return markup + shown(at) || "no message";
}
