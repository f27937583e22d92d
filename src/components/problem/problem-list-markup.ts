/** The parts of the list of problems that change, as markup; everything that is no constant is escaped (invariant 8). */
import type { ProblemListPage } from "~/web/pages/problem-list-page";
import { firstLine } from "../event-table/cell";
import { escaped } from "../event-table/markup";
import { rowId } from "../event-table/row-id";
import { errorMarkup } from "../on-call/error-line";
import { trendMarkup } from "../on-call/trend";
import { groupDigits } from "../ui/number-text";
import { ageText, isoTime, shortTime, type Zone } from "../ui/time-text";

type Listed = ProblemListPage["problems"][number];

const TONE = { failing: "bad", retrying: "wait", recovered: "ok" } as const;

export function problemCounts({ counts }: Pick<ProblemListPage, "counts">): string {
  const items = counts.map(
    ({ state, count, href, isChosen }) =>
      `<li><a href="${escaped(href)}"${isChosen ? ' aria-current="true"' : ""}><span class="mark ${TONE[state]}">${state}</span><span class="value">${groupDigits(String(count))}</span></a></li>`,
  );
  return `<ul class="counts" aria-label="Problems by state">${items.join("")}</ul>`;
}

export function problemRows({ problems, matching, total, moreHref, allHref, now, state }: ProblemListPage): string {
  if (total === 0) return `<p class="empty"><strong>Nothing has failed.</strong></p>`;
  if (matching === 0)
    return `<p class="empty"><strong>No problem matches.</strong><a href="${escaped(allHref)}">Show all ${groupDigits(String(total))}</a></p>`;
  const zone = state.age.zone ?? "UTC";
  const rows = problems.map((problem) => rowOf(problem, now, zone)).join("");
  const foot =
    problems.length < matching
      ? `<p class="table-foot">${groupDigits(String(problems.length))} of ${groupDigits(String(matching))} problems.${moreHref === null ? "" : ` <a href="${escaped(moreHref)}">Show more</a>`}</p>`
      : "";
  return `<table class="plain-table"><caption class="quiet">Problems, failing ones first, the last that failed first</caption><thead><tr><th scope="col" class="w-6">State</th><th scope="col" class="w-12">Where</th><th scope="col">Error</th><th scope="col" class="w-8">Since (${escaped(zone)})</th><th scope="col" class="w-6">Last</th><th scope="col" class="num w-4">Failures</th><th scope="col" class="num w-4">Batches</th><th scope="col" class="w-6">2 hours</th></tr></thead><tbody>${rows}</tbody></table>${foot}`;
}

function rowOf(problem: Listed, now: number, zone: Zone): string {
  const { id, pipelineName, stageName, error, pattern, reason, state, since, lastSeen, count, batches, href } = problem;
  const said = problem.marks.map(
    ({ kind, by }) => `<span class="said muted">${kind === "mute" ? "muted" : "acknowledged"} by ${escaped(by)}</span>`,
  );
  const where = `${escaped(firstLine(pipelineName))}<span class="sep" aria-hidden="true">›</span>${escaped(firstLine(stageName))}`;
  const at = (ms: number) => `<time class="nowrap" datetime="${isoTime(ms) ?? ""}">${shortTime(ms, now, zone)}</time>`;
  return `<tr id="p${rowId(id)}" data-row><td><span class="mark ${TONE[state]}">${state}</span></td><td><a class="where" href="${escaped(href)}">${where}</a></td><td class="error" title="${escaped(reason)}">${errorMarkup(error, pattern)}${said.join("")}</td><td data-label="Since">${at(since)} <span class="muted nowrap">${ageText(now - since)}</span></td><td data-label="Last">${at(lastSeen)}</td><td class="num" data-label="Failures">${groupDigits(String(count))}</td><td class="num" data-label="Batches">${groupDigits(String(batches))}</td><td>${trendMarkup(problem, now)}</td></tr>`;
}
