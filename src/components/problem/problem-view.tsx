/** One problem: what it is, since when and where, who is on it, how it is grouped. Forms that work without script. */
import { component$, useSignal } from "@builder.io/qwik";
import type { ProblemPage } from "~/web/pages/problem-page";
import { ownerLinkList } from "../owner/owner-line";
import { ownerLinks } from "../owner/owner-links";
import { pickPageData } from "../page-data";
import type { DataAge } from "../shell/data-age";
import { pageFoot } from "../shell/page-foot";
import { stateBar } from "../shell/state-bar";
import { incidentReport } from "../time/incident-report";
import { outcomeLine } from "../ui/notice-line";
import { isoTime } from "../ui/time-text";
import { FollowProblem } from "./follow-problem";
import { groupingSection } from "./grouping-section";
import { noteForm, noteList, when } from "./note-list";
import { factsMarkup, failuresMarkup, historyMarkup } from "./problem-parts";

type Kept = NonNullable<ProblemPage["kept"]>;
type PastMark = Kept["marks"][number];
type Note = Kept["notes"][number];

const SPANS = [
  [30, "30 minutes"],
  [60, "1 hour"],
  [240, "4 hours"],
  [480, "8 hours"],
  [1_440, "1 day"],
  [10_080, "7 days"],
] as const;

export const ProblemView = component$(() => {
  const page = pickPageData<ProblemPage>("problem")!;
  const { state, problem, here, kept, outcome, hrefs, follow } = page;
  const { pipelineName, stageName } = problem;
  const age = useSignal<DataAge>(state.age);
  const renderedAt = state.renderedAt;
  const frame = state.at === null ? "" : "past";
  const spec = follow === null ? "" : JSON.stringify(follow);
  const facts = factsMarkup(page);
  const failures = failuresMarkup(page);
  const history = historyMarkup(page);
  return (
    <>
      <main id="main" tabIndex={-1} class={frame} data-follow={spec}>
        {stateBar(age, state, null)}
        <div class="page">
          <div class="title">
            <h1>
              {pipelineName}
              <span class="sep" aria-hidden="true">
                ›
              </span>
              <span class="quiet"> stage </span>
              {stageName}
            </h1>
            <span class="grow" />
            <a class="small" href={hrefs.events}>
              Its events
            </a>
            <a class="small" href={hrefs.differences}>
              What is different
            </a>
            <a class="small" href={hrefs.batch}>
              Newest batch
            </a>
            <a class="small" href={hrefs.before}>
              Just before it began
            </a>
            <a class="small" href={hrefs.first}>
              At its first failure
            </a>
            {state.at === null &&
              incidentReport(
                `/problems/${encodeURIComponent(problem.id)}/incident`,
                "its moments are pinned",
                page.mayChange,
              )}
          </div>
          {errorOf(page)}
          {outcomeLine(outcome)}
          <p id="changed" role="status" />
          <div class="problem-trend" data-part="facts" dangerouslySetInnerHTML={facts} />
          {kept === null ? null : ownerOf(page)}
          {marksOf(page, kept)}
          <section aria-labelledby="failures-title">
            <h2 id="failures-title">Failures</h2>
            <div class="panel-box" data-part="failures" dangerouslySetInnerHTML={failures} />
          </section>
          <section aria-labelledby="history-title" class="kept">
            <h2 id="history-title">When it began and recovered</h2>
            <div data-part="history" dangerouslySetInnerHTML={history} />
          </section>
          {keptOf(page, kept, here)}
        </div>
        {follow === null ? null : <FollowProblem age={age} renderedAt={renderedAt} />}
      </main>
      {pageFoot(state.position, state.age.zone)}
    </>
  );
});

/** The message in full, with a button that copies it where the browser lets it. */
const errorOf = ({ error, problem }: ProblemPage) => (
  <section aria-label="Error" class="problem-error">
    <pre class="error-note" id="error-text" tabIndex={0}>
      {error === "" ? "no message" : error}
    </pre>
    <div class="actions small muted">
      <span>Grouped because: {problem.reason}.</span>
      <CopyError />
    </div>
  </section>
);

const CopyError = component$(() => (
  <button
    type="button"
    class="needs-script"
    onClick$={(_, button) => {
      const text = document.getElementById("error-text")?.textContent ?? "";
      void navigator.clipboard.writeText(text).then(
        () => (button.textContent = "Copied"),
        () => (button.textContent = "The browser does not allow it"),
      );
    }}
  >
    Copy the error
  </button>
));

const marksOf = (page: ProblemPage, kept: Kept | null) =>
  kept === null ? null : (
    <div class="problem-marks">
      {markSection(page, kept.marks, "acknowledgement")}
      {markSection(page, kept.marks, "mute")}
    </div>
  );

function keptOf(page: ProblemPage, kept: Kept | null, here: string) {
  if (page.state.at !== null)
    return (
      <p class="muted">
        Which failures are one problem is as people group them today. Acknowledgements, mutes and notes are of the
        present and not of this instant. <a href={here}>The problem now</a>
      </p>
    );
  if (kept === null)
    return (
      <p class="muted">
        Acknowledgements, mutes, notes and how the problem is grouped by hand cannot be shown at the moment: the
        database that keeps them is not there yet. Load the page again in a few seconds.
      </p>
    );
  return (
    <>
      {noteSection(page, kept.notes, here)}
      {groupingSection(page, kept.rules)}
    </>
  );
}

function ownerOf({ kept, problem }: ProblemPage) {
  const { pipelineName, stageName, lastSeen, lastBatch } = problem;
  const links = ownerLinks(kept?.owner ?? undefined, {
    pipeline: pipelineName,
    stage: stageName,
    at: isoTime(lastSeen) ?? "",
    batch: lastBatch,
  });
  return (
    <p class="actions small">
      <span class="muted">Owner</span> {kept?.owner?.owner ?? "nobody named"}
      {ownerLinkList(links, `${pipelineName}, ${stageName}`)}
    </p>
  );
}

const WORDS = {
  acknowledgement: {
    title: "Acknowledgement",
    what: "Somebody is on it. It ends at its time, or when the problem recovers and fails anew.",
    none: "Nobody has acknowledged it.",
    button: "Acknowledge",
    act: "acknowledge",
    key: "a",
    undo: "unacknowledge",
    said: "acknowledged",
  },
  mute: {
    title: "Mute",
    what: "It stays listed and is not counted as failing until the time is over.",
    none: "It is not muted.",
    button: "Mute",
    act: "mute",
    key: "m",
    undo: "unmute",
    said: "muted",
  },
} as const;

function markSection(page: ProblemPage, marks: readonly PastMark[], kind: "acknowledgement" | "mute") {
  const words = WORDS[kind];
  const own = marks.filter((mark) => mark.kind === kind);
  const current = own.find(({ endedAt }) => endedAt === null);
  const { here, zone, mayChange } = page;
  return (
    <section aria-labelledby={`${kind}-title`} class="kept">
      <h2 id={`${kind}-title`}>{words.title}</h2>
      {current ? (
        <p class="said">
          <strong>
            {words.said} by {current.by}
          </strong>{" "}
          until {when(current.expiresAt, zone)}: {current.reason}
        </p>
      ) : (
        <p class="muted">{words.none}</p>
      )}
      {mayChange ? (
        <div class="actions">
          <form method="post" action={here} class="line-form" data-key={words.key}>
            <input type="hidden" name="do" value={words.act} />
            <label class="wide">
              Reason
              <input name="reason" required maxLength={500} autocomplete="off" />
            </label>
            <label>
              For
              <select name="for" aria-label={`${words.button} for`}>
                {SPANS.map(([minutes, label]) => (
                  <option key={minutes} value={minutes} selected={minutes === 60}>
                    {label}
                  </option>
                ))}
              </select>
            </label>
            <button class="primary">{current ? `${words.button} anew` : words.button}</button>
          </form>
          {current && (
            <form method="post" action={here}>
              <button name="do" value={words.undo} aria-label={`Withdraw the ${kind}`}>
                Withdraw
              </button>
            </form>
          )}
        </div>
      ) : null}
      <p class="muted small">{words.what}</p>
      {own.length > (current ? 1 : 0) && (
        <details>
          <summary>Earlier ({own.length - (current ? 1 : 0)})</summary>
          <ul class="history">
            {own
              .filter((mark) => mark !== current)
              .map((mark) => (
                <li key={mark.id}>
                  {when(mark.createdAt, zone)}, {mark.by}: {mark.reason}{" "}
                  <span class="muted">
                    {mark.endedBecause} {mark.endedAt === null ? "" : when(mark.endedAt, zone)}
                  </span>
                </li>
              ))}
          </ul>
        </details>
      )}
    </section>
  );
}

const noteSection = (page: ProblemPage, notes: readonly Note[], here: string) => (
  <section aria-labelledby="notes-title" class="kept">
    <h2 id="notes-title">Notes</h2>
    {noteList(notes, here, page.zone, page.reader)}
    {page.mayChange ? noteForm(here) : null}
  </section>
);
