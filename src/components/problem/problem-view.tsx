/** One problem: what it is, who is on it, what was written about it. Forms that work without script. */
import { component$ } from "@builder.io/qwik";
import type { ProblemPage } from "~/web/pages/problem-page";
import { groupDigits } from "../ui/number-text";
import { ownerLinkList } from "../owner/owner-line";
import { ownerLinks } from "../owner/owner-links";
import { pickPageData } from "../page-data";
import { isoTime } from "../ui/time-text";
import { incidentReport } from "../time/incident-report";
import { noteForm, noteList, when } from "./note-list";
import { FollowProblem } from "./follow-problem";

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
  const { problem, here, kept, zone, outcome, topic, position, schemaId } = page;
  const { id, pipelineName, stageName, error, state } = problem;
  return (
    <main id="main" tabIndex={-1}>
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
          <a class="small" href={page.eventsHref}>
            Its events
          </a>
          <a class="small" href={page.beforeHref}>
            Just before it began
          </a>
          {incidentReport(id, page.mayChange)}
        </div>
        <p class="error-note">{error === "" ? "no message" : error}</p>
        {outcome !== null && (
          <p role={outcome.ok ? "status" : "alert"} class={outcome.ok ? "outcome mark ok" : "outcome mark bad"}>
            {outcome.text}
          </p>
        )}
        <p id="changed" role="status" />
        <dl class="facts">
          {fact(
            "State",
            <span class={state === "failing" ? "mark bad" : state === "retrying" ? "mark wait" : "mark ok"}>
              {state}
            </span>,
          )}
          {fact("Since", when(problem.firstSeen, zone))}
          {fact("Last failure", when(problem.lastSeen, zone))}
          {fact("Failures", groupDigits(String(problem.count)))}
          {fact("Batches", groupDigits(String(problem.batches)))}
          {fact("Owner", ownerOf(page))}
        </dl>
        {kept === null ? (
          <p class="muted">
            Acknowledgements, mutes and notes cannot be shown at the moment: the database that keeps them is not there
            yet. Load the page again in a few seconds.
          </p>
        ) : (
          <>
            {markSection(page, kept.marks, "acknowledgement")}
            {markSection(page, kept.marks, "mute")}
            {noteSection(page, kept.notes, here)}
          </>
        )}
      </div>
      <FollowProblem id={id} topic={topic} position={position} schemaId={schemaId} />
    </main>
  );
});

const fact = (name: string, value: unknown) => (
  <div>
    <dt>{name}</dt>
    <dd>{value as string}</dd>
  </div>
);

function ownerOf({ kept, problem }: ProblemPage) {
  const { pipelineName, stageName, lastSeen } = problem;
  const links = ownerLinks(kept?.owner ?? undefined, {
    pipeline: pipelineName,
    stage: stageName,
    at: isoTime(lastSeen) ?? "",
  });
  return (
    <span class="actions">
      {kept?.owner?.owner ?? "nobody named"}
      {ownerLinkList(links, `${pipelineName}, ${stageName}`)}
    </span>
  );
}

const WORDS = {
  acknowledgement: {
    title: "Acknowledgement",
    what: "Somebody is on it. It ends at its time, or when the problem recovers and fails anew.",
    none: "Nobody has acknowledged it.",
    button: "Acknowledge",
    act: "acknowledge",
    undo: "unacknowledge",
    said: "acknowledged",
  },
  mute: {
    title: "Mute",
    what: "It stays listed and is not counted as failing until the time is over.",
    none: "It is not muted.",
    button: "Mute",
    act: "mute",
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
          <form method="post" action={here} class="line-form">
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
