/** What of a problem changes while its page is open, as markup; everything that is no constant is escaped (invariant 8). */
import type { ProblemPage } from "~/web/pages/problem-page";
import { firstLine } from "../event-table/cell";
import { escaped } from "../event-table/markup";
import { trendMarkup } from "../on-call/trend";
import { groupDigits } from "../ui/number-text";
import { durationText, exactTime, isoTime, type Zone } from "../ui/time-text";

const TONE = { failing: "bad", retrying: "wait", recovered: "ok" } as const;
const STATUS_TONE: Readonly<Record<string, string>> = { FAILED: "bad", RETRYING: "wait" };

const time = (ms: number, zone: Zone): string =>
  `<time datetime="${isoTime(ms) ?? ""}">${exactTime(ms, zone).slice(0, 19)}</time>`;

const link = (href: string, text: string): string => `<a href="${escaped(href)}">${text}</a>`;

export function factsMarkup({ problem, hrefs, zone, now, where }: ProblemPage): string {
  const { state, since, firstSeen, lastSeen, count, batches, episodes, recoveredAt } = problem;
  const fact = (name: string, value: string) => `<div><dt>${name}</dt><dd>${value}</dd></div>`;
  const ago = (ms: number) => `<span class="muted small">${durationText(now - ms)} ago</span>`;
  const spread = where.map(({ name, values }) => fact(name, values.map(({ text, count }) => `${escaped(firstLine(text))} <span class="muted small">${groupDigits(String(count))}</span>`).join(", "))); // prettier-ignore
  return (
    `<dl class="facts">${fact("State", `<span class="mark ${TONE[state]}">${state}</span>`)}` +
    fact(recoveredAt === null ? "Since" : "Last began", `${time(since, zone)} ${ago(since)}`) +
    (recoveredAt === null ? "" : fact("Recovered", `${time(recoveredAt, zone)} ${ago(recoveredAt)}`)) +
    fact("Last failure", `${time(lastSeen, zone)} ${ago(lastSeen)}`) +
    fact("First seen", `${time(firstSeen, zone)}`) +
    fact("Failures", link(hrefs.events, groupDigits(String(count)))) +
    fact("Batches", groupDigits(String(batches))) +
    fact("Began", episodes === 1 ? "once" : `${groupDigits(String(episodes))} times`) +
    fact("Last 2 hours", trendMarkup(problem, now)) +
    `${spread.join("")}</dl>`
  );
}

export function failuresMarkup({ failures, zone, problem }: ProblemPage): string {
  const rows = failures.map(
    ({ at, batch, batchHref, status, attempt, host, version, line, logs }) =>
      `<tr><td class="mono small">${time(at, zone)}</td><td>${link(batchHref, escaped(firstLine(batch) || "(no id)"))}</td><td><span class="mark ${STATUS_TONE[status] ?? "none"}">${escaped(status)}</span></td><td class="num" data-label="Attempt">${attempt}</td><td data-label="Host">${escaped(firstLine(host))}</td><td data-label="Version">${escaped(firstLine(version))}</td><td class="error">${escaped(firstLine(line))}${logs === null ? "" : ` <a href="${escaped(logs)}" target="_blank" rel="noopener noreferrer">Logs</a>`}</td></tr>`,
  );
  const foot =
    problem.count > failures.length
      ? `<p class="table-foot">The newest ${failures.length} of ${groupDigits(String(problem.count))} failures.</p>`
      : "";
  return `<table class="plain-table"><caption class="quiet">Failures, the newest first</caption><thead><tr><th scope="col" class="w-11">Last heard of</th><th scope="col" class="w-12">Batch</th><th scope="col" class="w-6">Status</th><th scope="col" class="num w-4">Attempt</th><th scope="col" class="w-6">Host</th><th scope="col" class="w-6">Version</th><th scope="col">Error</th></tr></thead><tbody>${rows.join("")}</tbody></table>${foot}`;
}

export function historyMarkup({ episodes, zone, problem }: ProblemPage): string {
  const items = episodes.map(
    ({ from, count, recoveredAt, beforeHref }) =>
      `<li>${link(beforeHref, time(from, zone))}: ${groupDigits(String(count))} ${count === 1 ? "failure" : "failures"}, ${recoveredAt === null ? "not recovered" : `recovered ${time(recoveredAt, zone)} <span class="muted small">after ${durationText(recoveredAt - from)}</span>`}</li>`,
  );
  const more = problem.episodes > episodes.length ? `<li class="muted">${groupDigits(String(problem.episodes - episodes.length))} earlier ones</li>` : ""; // prettier-ignore
  return `<ol class="history">${items.join("")}${more}</ol>`;
}
