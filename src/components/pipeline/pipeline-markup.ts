/** What a pipeline is like now, and its problems, as markup; everything that is no constant is escaped (invariant 8). */
import type { PipelinePage } from "~/web/pages/pipeline-page";
import { firstLine } from "../event-table/cell";
import { groupDigits } from "../ui/number-text";
import { escaped } from "../event-table/markup";
import { ownerLinks } from "../owner/owner-links";
import { clockTime, durationText } from "../ui/time-text";
import { againstUsual } from "./against-usual";
import { agoMarkup, healthMark } from "./pipeline-row";

export function pipelineFactsMarkup(page: PipelinePage): string {
  const { summary, health, now, zone } = page;
  const { nowDurationMs, usualDurationMs, nowRows, usualRows, usualEveryMs, everySpreadMs, dueAt, runs, failed } =
    summary;
  const since =
    health.since === null ? "" : ` <span class="muted small">since ${clockTime(health.since, now, zone)}</span>`;
  const learning = health.isLearning
    ? `<span class="muted small usual">what is usual is learnt in its first day</span>`
    : "";
  const cadence =
    usualEveryMs === null
      ? `<span class="muted">not known yet</span>`
      : `<b>${durationText(usualEveryMs)}</b>${everySpreadMs === null || everySpreadMs < 1000 ? "" : ` ± ${durationText(everySpreadMs)}`}`;
  const due = dueAt === null ? "" : `<span class="muted usual">next one due ${clockTime(dueAt, now, zone)}</span>`;
  const ended = summary.completed + failed;
  const rate =
    ended === 0
      ? ""
      : `<span class="muted usual">${groupDigits(String(failed))} failed, ${share(summary.completed / ended)} completed</span>`;
  const headroom =
    health.headroom === null || summary.kind === "stream"
      ? ""
      : fact("Headroom", `<b>${share(health.headroom)}</b><span class="muted usual">of its interval is left</span>`);
  return `<dl class="facts pipe-facts">${[
    fact("State", healthMark(health.state, health.text) + since + learning),
    fact("Duration, last batch", againstUsual("duration", nowDurationMs, usualDurationMs) || unknown),
    fact("Rows, last batch", againstUsual("rows", nowRows, usualRows) || unknown),
    fact(
      summary.kind === "stream" ? "Heard of" : "Starts every",
      summary.kind === "stream" ? agoMarkup(summary.lastHeartbeatAt, now) : cadence + due,
    ),
    headroom,
    fact("Last success", agoMarkup(summary.lastSuccessAt, now)),
    fact("Batches known", `<b>${groupDigits(String(runs))}</b>${rate}`),
    reliabilityMarkup(page),
    fact("Owner", ownerMarkup(page)),
  ].join("")}</dl>`;
}

const unknown = `<span class="muted">not known yet</span>`;
const share = (value: number): string => `${(Math.floor(value * 1000) / 10).toFixed(1)} %`;
const fact = (name: string, value: string): string => `<div><dt>${name}</dt><dd>${value}</dd></div>`;

/** Means over the incidents of the weeks that are remembered; what they are is told on the page that it leads to. */
function reliabilityMarkup({ reliability, hrefs }: PipelinePage): string {
  const link = `<a class="small" href="${escaped(hrefs.reliability)}">reliability</a>`;
  if (reliability === null) return fact("Recovers in", `<span class="muted">see</span> ${link}`);
  const { incidents, meanToRecovered, meanToShown, meanToAcknowledged } = reliability;
  if (incidents === 0) return fact("Recovers in", `<span class="muted">no incident</span> ${link}`);
  const mean = (ms: number | null) => (ms === null ? "–" : durationText(ms));
  const found = `seen after ${mean(meanToShown)}, taken on after ${mean(meanToAcknowledged)}`;
  const times = incidents === 1 ? "1 incident" : `${groupDigits(String(incidents))} incidents`;
  return fact(
    "Recovers in",
    `<b>${mean(meanToRecovered)}</b> <span class="muted usual">${times}; ${found}; ${link}</span>`,
  );
}

/** Owners are of the present, also on pages of the past. */
function ownerMarkup({ owner, pipelineName, hrefs, state }: PipelinePage): string {
  const links = ownerLinks(owner ?? undefined, { pipeline: pipelineName })
    .filter(({ label }) => label === "Runbook")
    .map(
      ({ label, href }) =>
        ` <a class="small" href="${escaped(href)}" rel="noopener noreferrer" target="_blank">${label}</a>`,
    );
  const edit =
    hrefs.settings === null
      ? ""
      : ` <a class="small" href="${escaped(hrefs.settings)}">${owner === null ? "Name one" : "Change"}</a>`;
  const name = owner?.owner ?? null;
  const said = name === null ? `<span class="muted">nobody named</span>` : escaped(name);
  return (
    said +
    links.join("") +
    edit +
    (state.at !== null && name !== null ? `<span class="muted usual">as it is now</span>` : "")
  );
}

const MOST_PROBLEMS = 8;
const TONES = { failing: "bad", retrying: "wait", recovered: "ok" } as const;
const RANK = { failing: 0, retrying: 1, recovered: 2 } as const;

export function pipelineProblems({ problems, state, now }: PipelinePage): string {
  if (problems.length === 0) return `<p class="muted">None in these batches.</p>`;
  const shown = problems.toSorted((a, b) => RANK[a.state] - RANK[b.state]).slice(0, MOST_PROBLEMS);
  const rows = shown.map((problem) => {
    const { id, stageName, error, firstSeen, lastSeen, count, batches } = problem;
    const at = state.at === null ? "" : `?at=${encodeURIComponent(state.at)}`;
    const text = error === "" ? "no message" : firstLine(error);
    return (
      `<tr id="problem${id}"><td class="${TONES[problem.state]}">${problem.state}</td><th scope="row">${escaped(stageName)}</th>` +
      `<td class="error"><a href="/problems/${encodeURIComponent(id)}${at}">${escaped(text)}</a></td>` +
      `<td data-label="First seen">${agoMarkup(firstSeen, now)}</td><td data-label="Last seen">${agoMarkup(lastSeen, now)}</td>` +
      `<td class="num" data-label="Failures">${groupDigits(String(count))}</td><td class="num" data-label="Batches">${groupDigits(String(batches))}</td></tr>`
    );
  });
  const heads = [
    ["State", "w-8"],
    ["Stage", "w-12"],
    ["Error", ""],
    ["First seen", "w-8"],
    ["Last seen", "w-8"],
    ["Failures", "w-6 num"],
    ["Batches", "w-6 num"],
  ].map(([label, name]) => `<th scope="col" class="${name}">${label}</th>`);
  const more =
    problems.length > shown.length
      ? `<p class="table-foot">${problems.length - shown.length} more, less urgent.</p>`
      : "";
  return `<div class="panel-box"><table class="plain-table pipe-problems"><caption class="quiet">Problems of the pipeline</caption><thead><tr>${heads.join("")}</tr></thead><tbody>${rows.join("")}</tbody></table>${more}</div>`;
}
