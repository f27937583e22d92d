/** What is broken now, grouped by pipeline and stage; each row leads to its events and to the page just before it began. */
import { component$, type Signal } from "@builder.io/qwik";
import type { Problem } from "~/model/problem";
import { firstLine, groupDigits } from "../event-table/cell";
import { withParams } from "../shell/page-url";
import { marksByProblem, type MarksOfProblem } from "~/model/problem-mark";
import { ownerLinkList } from "../owner/owner-line";
import { ownerLinks, type ShownOwner } from "../owner/owner-links";
import { clockTime, durationText, exactTime, isoTime, type Zone } from "../ui/time-text";
import type { ShownMark } from "./decided";
import { groupProblems } from "./problem-groups";

export interface ProblemsProps {
  /** Nothing is shown before the first event. */
  isEmpty: Signal<boolean>;
  problems: Signal<readonly Problem[]>;
  /** From which ages count, epoch ms: the commit that the page is of, later the minute that it is. */
  now: Signal<number>;
  /** Path of the feed's page, with `at` on a page of the past. */
  feedHref: string;
  /** What people decided about them; null = not known. */
  marks: Signal<readonly ShownMark[] | null>;
  owners: Signal<readonly ShownOwner[]>;
  zone: Zone;
  /** What people decided is of the present. */
  isPast: boolean;
}

interface Around {
  now: number;
  feedHref: string;
  zone: Zone;
  isPast: boolean;
  marksOf: ReadonlyMap<string, MarksOfProblem<ShownMark>>;
  ownerOf: ReadonlyMap<string, ShownOwner>;
}

/** Beyond this many, the page of the feed is the better place to look. */
const MOST_SHOWN = 100;

export const Problems = component$<ProblemsProps>((props) => {
  const { isEmpty, problems, now: clock, feedHref, marks, owners, zone, isPast } = props;
  if (isEmpty.value) return <span hidden />;
  const now = clock.value;
  const all = problems.value;
  const marksOf = marksByProblem(marks.value ?? [], now);
  const ownerOf = new Map(owners.value.map((owner) => [owner.pipelineName, owner]));
  const around = { now, feedHref, zone, isPast, marksOf, ownerOf };
  const muted = all.filter(({ id }) => marksOf.get(id)?.mute).length;
  const groups = groupProblems(all.slice(0, MOST_SHOWN));
  return (
    <section aria-labelledby="problems-title">
      <div class="section-head">
        <h2 id="problems-title">Unrecovered failures</h2>
        <span class="muted small">{headline(all.length - muted, muted)}</span>
        {isPast && (
          <span class="muted small">Acknowledgements, mutes and notes are of the present, not of this instant.</span>
        )}
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
                  {`Since (${zone})`}
                </th>
                <th scope="col" class="w-6 num">
                  Failures
                </th>
                <th scope="col" class="w-6 num">
                  Batches
                </th>
                <th scope="col" class="w-8">
                  <span class="quiet">Where to go</span>
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
                    {ownerOfGroup(ownerOf.get(pipelineName))}
                  </th>
                </tr>
                {own.map((problem) => problemRow(problem, around))}
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

/** What is muted is listed and does not count. */
const headline = (counted: number, muted: number): string => {
  const problems = counted === 0 ? "none" : `${counted} ${counted === 1 ? "problem" : "problems"}`;
  return muted === 0 ? problems : `${problems}, ${muted} muted`;
};

const ownerOfGroup = (owner: ShownOwner | undefined) =>
  owner && (
    <span class="actions owner">
      {owner.owner !== null && <span class="muted small">{owner.owner}</span>}
      {ownerLinkList(ownerLinks({ ...owner, logsTemplate: null, rerunTemplate: null }, {}), owner.pipelineName)}
    </span>
  );

function problemRow(problem: Problem, { now, feedHref, zone, isPast, marksOf, ownerOf }: Around) {
  const { id, pipelineName, stageName, error, reason, state, firstSeen, lastSeen, count, batches } = problem;
  const status = state === "failing" ? "FAILED" : "RETRYING";
  const events = withParams(feedHref, { pipelineName, stageName, status });
  const { acknowledgement = null, mute = null } = marksOf.get(id) ?? {};
  const owner = ownerOf.get(pipelineName);
  const values = { pipeline: pipelineName, stage: stageName, at: isoTime(lastSeen) ?? "" };
  const links = owner ? ownerLinks({ ...owner, runbookUrl: null }, values) : [];
  const what = `${pipelineName}, ${stageName}`;
  return (
    <tr key={id} class={mute ? "muted-problem" : ""}>
      <td class="error" title={reason}>
        {error === "" ? <span class="muted">no message</span> : firstLine(error)}
        {saidOf("acknowledged", acknowledgement, now, zone)}
        {saidOf("muted", mute, now, zone)}
      </td>
      <td class={state === "failing" ? "bad" : "wait"}>{state}</td>
      <td>
        <time class="mono nowrap" dateTime={isoTime(firstSeen) ?? ""} title={exactTime(firstSeen, zone)}>
          {clockTime(firstSeen, now, zone)}
        </time>{" "}
        <span class="muted small nowrap">{durationText(now - firstSeen)}</span>
      </td>
      <td class="num" data-label="Failures">
        <a href={events} aria-label={`${count} failures of ${what}: show their events`}>
          {groupDigits(String(count))}
        </a>
      </td>
      <td class="num" data-label="Batches">
        {groupDigits(String(batches))}
      </td>
      <td class="num">
        <span class="row-links">
          {ownerLinkList(links, what)}
          {!isPast && (
            <a
              class="small"
              href={`/problems/${id}`}
              aria-label={`Acknowledge, mute or note: ${what}, ${firstLine(error)}`}
            >
              Act
            </a>
          )}
          <a
            class="small"
            href={withParams("/", { at: isoTime(firstSeen - 1) ?? null })}
            aria-label={`This page just before ${what} began to fail`}
          >
            Just before
          </a>
        </span>
      </td>
    </tr>
  );
}

const saidOf = (word: "acknowledged" | "muted", mark: ShownMark | null, now: number, zone: Zone) =>
  mark && (
    <span class="said small">
      <strong>
        {word} by {mark.by}
      </strong>{" "}
      until {clockTime(mark.expiresAt, now, zone)}: {mark.reason}
    </span>
  );
