/** What changed between two instants: numbers first, then problems, pipelines, and batches on demand. */
import { component$ } from "@builder.io/qwik";
import type { BatchSummary } from "~/model/batch";
import type { ChangeKind } from "~/model/difference";
import type { Changed, PipelineChange } from "~/model/difference-summary";
import type { Problem } from "~/model/problem";
import type { DifferenceEnd, DifferencePage } from "~/web/pages/difference-page";
import { groupDigits } from "../ui/number-text";
import { pickPageData } from "../page-data";
import { pipelineHref } from "../pipeline/pipeline-href";
import { withParams } from "../shell/page-url";
import { durationText, exactTime } from "../ui/time-text";
import { incidentReport } from "./incident-report";

const WORDS: Record<ChangeKind, string> = {
  newlyFailing: "newly failing",
  recovered: "recovered",
  appeared: "appeared",
  changed: "changed",
  disappeared: "disappeared",
};
const KINDS = Object.keys(WORDS) as ChangeKind[];
const MARKS: Record<ChangeKind, string> = {
  newlyFailing: "mark bad",
  recovered: "mark ok",
  appeared: "mark",
  changed: "mark",
  disappeared: "mark",
};

export const DifferenceView = component$(() => {
  const page = pickPageData<DifferencePage>("difference")!;
  const { feed, from, to, zone, here, kind } = page;
  const span = from.at === null || to.at === null ? "" : ` (${durationText(to.at - from.at)})`;
  return (
    <main id="main" tabIndex={-1} class="past">
      <div class="past-bar">
        <div class="past-line">
          <span role="status">
            What changed from {endText(from, zone)} to {endText(to, zone)} {zone}
            {span}
          </span>
          <span class="grow" />
          <a class="button" href={from.onCallHref}>
            Page then
          </a>
          <a class="button" href={to.onCallHref}>
            Page after
          </a>
          <a class="button solid" href="/">
            Return to live
          </a>
        </div>
        {otherTimes(page)}
      </div>
      <div class="page difference">
        <div class="title">
          <h1>What changed: {feed.title}</h1>
          <span class="grow" />
          {incidentReport(page.reportHref, "both instants are pinned", page.mayPin)}
        </div>
        {countCards(page)}
        {kind !== null && (
          <p>
            Only what is {WORDS[kind]} is listed. <a href={withParams(here, { kind: null })}>Show all</a>
          </p>
        )}
        {problemSection(page)}
        {pipelineSection(page)}
        {batchSection(page)}
        {statusSection(page)}
        <p class="muted small">
          Acknowledgements, mutes, notes and owners are of the present and no part of this. Failures count by the hot
          window of each instant.
        </p>
      </div>
    </main>
  );
});

const endText = ({ at }: DifferenceEnd, zone: string): string =>
  at === null ? "before the first commit" : exactTime(at, zone).slice(0, 19);
const isoOf = ({ at }: DifferenceEnd): string => (at === null ? "" : new Date(at).toISOString());

const otherTimes = ({ from, to, feed }: DifferencePage) => (
  <form method="get" action="/difference" class="ends-form">
    <input type="hidden" name="feed" value={feed.name} />
    <label>
      From (UTC)
      <input name="at" required autocomplete="off" spellcheck={false} value={isoOf(from)} />
    </label>
    <label>
      To (UTC)
      <input name="vs" required autocomplete="off" spellcheck={false} value={isoOf(to)} />
    </label>
    <button>Compare</button>
  </form>
);

const countCards = ({ summary, changed, here }: DifferencePage) => {
  const { problems, batches, stillFailing, pipelinesFailing, pipelinesRecovered } = summary;
  return (
    <dl class="facts change-counts">
      {count("Problems newly failing", problems.newlyFailing, "mark bad", withParams(here, { kind: "newlyFailing" }))}
      {count("Problems recovered", problems.recovered, "mark ok", withParams(here, { kind: "recovered" }))}
      {count("Problems still failing", stillFailing, "mark", null)}
      {count("Pipelines that began to fail", pipelinesFailing, "mark bad", "#pipelines-title")}
      {count("Pipelines that recovered", pipelinesRecovered, "mark ok", "#pipelines-title")}
      {count(
        "Batches newly failed",
        batches.newlyFailing,
        "mark bad",
        withParams(here, { show: "batches", kind: "newlyFailing" }) + "#batches-title",
      )}
      {count(
        "Batches that appeared",
        batches.appeared,
        "mark",
        withParams(here, { show: "batches", kind: "appeared" }) + "#batches-title",
      )}
      {changed !== null && count("Rows new or changed", changed, "mark", null)}
    </dl>
  );
};

const count = (name: string, value: number, mark: string, href: string | null) => (
  <div key={name}>
    <dt>{name}</dt>
    <dd class={value === 0 ? "muted" : mark}>
      {href === null || value === 0 ? groupDigits(String(value)) : <a href={href}>{groupDigits(String(value))}</a>}
    </dd>
  </div>
);

const problemSection = (page: DifferencePage) => {
  const { problems, problemsInAll } = page;
  return (
    <section aria-labelledby="problems-title">
      <h2 id="problems-title">Problems</h2>
      {problems.length === 0 ? (
        <p class="muted">No problem changed.</p>
      ) : (
        <ul class="change-list">{problems.map((one) => problemItem(one, page))}</ul>
      )}
      {problems.length < problemsInAll && (
        <p class="muted small">
          The first {problems.length} of {groupDigits(String(problemsInAll))}.
        </p>
      )}
    </section>
  );
};

const problemItem = ({ kind, before, after }: Changed<Problem>, { from, to, zone }: DifferencePage) => {
  const shown = (after ?? before)!;
  const at = after === null ? from.instant : to.instant;
  const failures = `${groupDigits(String(before?.count ?? 0))} → ${groupDigits(String(after?.count ?? 0))}`;
  const states =
    before !== null && after !== null && before.state !== after.state
      ? `${before.state} → ${after.state}`
      : shown.state;
  return (
    <li key={shown.id}>
      <span class={`${MARKS[kind]} kind`}>{WORDS[kind]}</span>
      <span class="what">
        <a href={withParams(`/problems/${encodeURIComponent(shown.id)}`, { at })}>
          {shown.pipelineName} › {shown.stageName}
        </a>{" "}
        <span class="mono">{shown.error === "" ? "no message" : shown.error}</span>
      </span>
      <span class="muted small">
        {states}, {failures} {after?.count === 1 ? "failure" : "failures"}, last{" "}
        {exactTime(shown.lastSeen, zone).slice(0, 19)}
      </span>
    </li>
  );
};

const pipelineSection = ({ summary, feed, to }: DifferencePage) => (
  <section aria-labelledby="pipelines-title">
    <h2 id="pipelines-title">Pipelines</h2>
    {summary.pipelines.length === 0 ? (
      <p class="muted">Nothing changed in any pipeline.</p>
    ) : (
      <ul class="change-list">
        {summary.pipelines
          .slice(0, MOST_PIPELINES)
          .map((one) => pipelineItem(one, pipelineHref(one.pipelineName, to.instant, feed.name)))}
      </ul>
    )}
    {summary.pipelines.length > MOST_PIPELINES && (
      <p class="muted small">
        The first {MOST_PIPELINES} of {summary.pipelines.length}.
      </p>
    )}
  </section>
);

const MOST_PIPELINES = 200;

const pipelineItem = ({ pipelineName, before, after, problems, batches, stages }: PipelineChange, href: string) => (
  <li key={pipelineName}>
    <span class={`mark kind ${after === "failing" ? "bad" : after === "retrying" ? "wait" : "ok"}`}>
      {before === after ? after : `${before} → ${after}`}
    </span>
    <span class="what">
      <a href={href}>{pipelineName}</a>
      {stages.map(({ stageName, problems: own }) => (
        <span key={stageName} class="muted small stage">
          {stageName}: {kindsText(own)}
        </span>
      ))}
    </span>
    <span class="small">
      problems: {kindsText(problems)}; batches: {kindsText(batches)}
    </span>
  </li>
);

function kindsText(counts: Readonly<Record<ChangeKind, number>>): string {
  const parts = KINDS.flatMap((kind) =>
    counts[kind] === 0 ? [] : [`${groupDigits(String(counts[kind]))} ${WORDS[kind]}`],
  );
  return parts.length === 0 ? "–" : parts.join(", ");
}

const batchSection = (page: DifferencePage) => {
  const { batches, batchesInAll, summary, here } = page;
  return (
    <section aria-labelledby="batches-title">
      <h2 id="batches-title">Batches</h2>
      <p>{kindsText(summary.batches) === "–" ? "No batch changed." : kindsText(summary.batches)}</p>
      {batches === null ? (
        batchesInAll > 0 && (
          <a class="button" href={withParams(here, { show: "batches" }) + "#batches-title"}>
            List the batches
          </a>
        )
      ) : (
        <ul class="change-list">{batches.map((one) => batchItem(one, page))}</ul>
      )}
      {batches !== null && batches.length < batchesInAll && (
        <p class="muted small">
          The first {batches.length} of {groupDigits(String(batchesInAll))}.
        </p>
      )}
    </section>
  );
};

const batchItem = ({ kind, before, after }: Changed<BatchSummary>, { from, to }: DifferencePage) => {
  const shown = (after ?? before)!;
  const at = after === null ? from.instant : to.instant;
  return (
    <li key={shown.correlationId}>
      <span class={`${MARKS[kind]} kind`}>{WORDS[kind]}</span>
      <span class="what">
        <a class="mono" href={withParams(`/batches/${encodeURIComponent(shown.correlationId)}`, { at })}>
          {shown.correlationId}
        </a>{" "}
        {shown.pipelines.join(", ")}
      </span>
      <span class="muted small">
        {before?.state ?? "not there"} → {after?.state ?? "gone"}
      </span>
    </li>
  );
};

const statusSection = ({ statuses }: DifferencePage) =>
  statuses.length === 0 ? null : (
    <section aria-labelledby="statuses-title">
      <h2 id="statuses-title">Rows by status</h2>
      <dl class="facts">
        {statuses.map(({ name, before, after }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {groupDigits(String(before))} → {groupDigits(String(after))}
              <span class="muted small">
                {" "}
                ({after >= before ? "+" : "−"}
                {groupDigits(String(Math.abs(after - before)))})
              </span>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
