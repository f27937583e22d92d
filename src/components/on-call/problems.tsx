/** What is broken now, grouped by pipeline and stage; each row leads to its events and to the page just before it began. */
import { component$, type Signal } from "@builder.io/qwik";
import type { Problem } from "~/model/problem";
import { firstLine, groupDigits } from "../event-table/cell";
import { withParams } from "../shell/page-url";
import { clockTime, durationText, exactTime, isoTime } from "../ui/time-text";
import { groupProblems } from "./problem-groups";

export interface ProblemsProps {
  /** Nothing is shown before the first event. */
  isEmpty: Signal<boolean>;
  problems: Signal<readonly Problem[]>;
  /** From which ages count, epoch ms: the commit that the page is of, later the minute that it is. */
  now: Signal<number>;
  /** Path of the feed's page, with `at` on a page of the past. */
  feedHref: string;
}

/** Beyond this many, the page of the feed is the better place to look. */
const MOST_SHOWN = 100;

export const Problems = component$<ProblemsProps>(({ isEmpty, problems, now: clock, feedHref }) => {
  if (isEmpty.value) return <span hidden />;
  const now = clock.value;
  const all = problems.value;
  const groups = groupProblems(all.slice(0, MOST_SHOWN));
  return (
    <section aria-labelledby="problems-title">
      <div class="section-head">
        <h2 id="problems-title">Unrecovered failures</h2>
        <span class="muted small">
          {all.length === 0 ? "none" : `${all.length} ${all.length === 1 ? "problem" : "problems"}`}
        </span>
      </div>
      <div class="panel-box">
        {all.length === 0 ? (
          <p class="all-well">
            <span class="mark ok">Nothing is failing.</span>{" "}
            <span class="muted">Every stage that failed has completed since.</span>
          </p>
        ) : (
          <table class="plain-table problems">
            <thead>
              <tr>
                <th scope="col">Error</th>
                <th scope="col" class="w-8">
                  State
                </th>
                <th scope="col" class="w-16">
                  Since (UTC)
                </th>
                <th scope="col" class="w-6 num">
                  Failures
                </th>
                <th scope="col" class="w-6 num">
                  Batches
                </th>
                <th scope="col" class="w-8">
                  <span class="quiet">Before it began</span>
                </th>
              </tr>
            </thead>
            {groups.map(({ key, pipelineName, stageName, problems: own }) => (
              <tbody key={key}>
                <tr class="group">
                  <th scope="rowgroup" colSpan={6}>
                    <a class="where" href={withParams(feedHref, { pipelineName, stageName })}>
                      {pipelineName}
                      <span class="sep" aria-hidden="true">
                        ›
                      </span>
                      <span class="quiet"> stage </span>
                      {stageName}
                    </a>
                  </th>
                </tr>
                {own.map((problem) => problemRow(problem, now, feedHref))}
              </tbody>
            ))}
          </table>
        )}
        {all.length > MOST_SHOWN && (
          <p class="table-foot">
            {all.length - MOST_SHOWN} more are not shown. <a href={feedHref}>All events</a>
          </p>
        )}
      </div>
    </section>
  );
});

function problemRow(problem: Problem, now: number, feedHref: string) {
  const { id, pipelineName, stageName, error, reason, state, firstSeen, count, batches } = problem;
  const status = state === "failing" ? "FAILED" : "RETRYING";
  const events = withParams(feedHref, { pipelineName, stageName, status });
  return (
    <tr key={id}>
      <td class="error" title={reason}>
        {error === "" ? <span class="muted">no message</span> : firstLine(error)}
      </td>
      <td class={state === "failing" ? "bad" : "wait"}>{state}</td>
      <td>
        <time class="mono nowrap" dateTime={isoTime(firstSeen) ?? ""} title={exactTime(firstSeen)}>
          {clockTime(firstSeen, now)}
        </time>{" "}
        <span class="muted small nowrap">{durationText(now - firstSeen)}</span>
      </td>
      <td class="num" data-label="Failures">
        <a href={events} aria-label={`${count} failures of ${pipelineName}, ${stageName}: show their events`}>
          {groupDigits(String(count))}
        </a>
      </td>
      <td class="num" data-label="Batches">
        {groupDigits(String(batches))}
      </td>
      <td class="num">
        <a
          class="small"
          href={withParams("/", { at: isoTime(firstSeen - 1) ?? null })}
          aria-label={`This page just before ${pipelineName}, ${stageName} began to fail`}
        >
          Just before
        </a>
      </td>
    </tr>
  );
}
