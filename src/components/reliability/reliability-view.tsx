/** How soon failures are seen and how soon pipelines recover: over five weeks, by week and by pipeline, with what is meant by it. */
import { component$, useSignal } from "@builder.io/qwik";
import type { Reliability, WeekReliability } from "~/model/reliability";
import type { ReliabilityPage } from "~/web/pages/reliability-page";
import { pickPageData } from "../page-data";
import type { DataAge } from "../shell/data-age";
import { pageFoot } from "../shell/page-foot";
import { stateBar } from "../shell/state-bar";
import { emptyState } from "../ui/empty-state";
import { listBox, listTable } from "../ui/list-table";
import { mark } from "../ui/mark";
import { segmented } from "../ui/segmented";
import { stat } from "../ui/stat";
import { clockTime, durationText, exactTime, UTC } from "../ui/time-text";
import style from "./reliability.css?inline";

const NONE = "–";
const textOf = (ms: number | null): string => (ms === null ? NONE : durationText(ms));

export const ReliabilityView = component$(() => {
  const page = pickPageData<ReliabilityPage>("reliability")!;
  const { state, title, facts, feeds } = page;
  const age = useSignal<DataAge>(state.age);
  const frame = state.at === null ? "" : "past";
  return (
    <>
      <style dangerouslySetInnerHTML={style} />
      <main id="main" tabIndex={-1} class={frame}>
        {stateBar(age, state, null)}
        <div class="page reliability">
          <div class="title">
            <h1>Reliability</h1>
            <span class="muted">{title}</span>
          </div>
          {feeds.length > 0 ? <div>{segmented("Feeds with pipelines", feeds)}</div> : null}
          <p class="lead">{leadOf(page)}</p>
          {facts.readTo === null ? null : overall(facts.overall, facts.hasAcknowledgements)}
          {facts.readTo === null ? null : weeks(page)}
          {pipelines(page)}
          {definitions(page)}
        </div>
      </main>
      {pageFoot(state.position, state.age.zone)}
    </>
  );
});

function leadOf({ facts, state }: ReliabilityPage): string {
  if (state.age.committedAt === null) return "No event has been committed yet: incidents appear here when runs fail.";
  if (facts.readTo === null && state.at !== null)
    return "Nothing had been rolled up by then, so no incident was known. The page of now has what is known by now.";
  if (facts.readTo === null)
    return "The hours are being rolled up for the first time, as far back as five weeks: that takes from seconds to minutes.";
  const zone = state.age.zone ?? UTC;
  const since = exactTime(facts.from, zone).slice(0, 10);
  return `Incidents since ${since}, from commits up to ${clockTime(facts.readTo, state.viewedAt, zone)}; newer ones are rolled up within minutes.`;
}

const overall = (of: Reliability, hasAcknowledgements: boolean) => (
  <section aria-labelledby="overall-title">
    <h2 class="quiet" id="overall-title">
      Over all pipelines
    </h2>
    <div class="counts">
      {stat({ label: "Shown after (MTTD)", value: textOf(of.meanToShown), href: "#shown" })}
      {stat({
        label: "Acknowledged after",
        value: textOf(of.meanToAcknowledged),
        href: "#acknowledged",
        note: hasAcknowledgements ? `${of.acknowledged} of ${of.incidents}` : "not known now",
      })}
      {stat({ label: "Recovered after (MTTR)", value: textOf(of.meanToRecovered), href: "#recovered" })}
      {stat({ label: "Incidents", value: String(of.incidents), href: "#incident" })}
      {stat({
        label: "Not recovered",
        value: String(of.open),
        href: "#by-pipeline",
        tone: of.open > 0 ? "bad" : undefined,
      })}
    </div>
  </section>
);

const weeks = ({ facts, state }: ReliabilityPage) => {
  const most = Math.max(1, ...facts.weeks.map(({ incidents }) => incidents));
  return (
    <section aria-labelledby="weeks-title">
      <h2 id="weeks-title">By week</h2>
      {listBox(false, null, () =>
        listTable({
          caption: "Incidents and mean times by the week in which they began",
          columns: [
            { label: "Week from", width: 12 },
            { label: "Incidents", width: 12 },
            { label: "Shown after", isNumber: true },
            { label: "Acknowledged after", isNumber: true },
            { label: "Recovered after", isNumber: true },
            { label: "Not recovered", isNumber: true },
          ],
          rows: facts.weeks.map((week) => weekRow(week, most, state.viewedAt < week.to, state.age.zone ?? UTC)),
        }),
      )}
    </section>
  );
};

const BAR = 90;

const weekRow = (week: WeekReliability, most: number, isSoFar: boolean, zone: string) => (
  <tr key={week.from}>
    <th scope="row">
      <time dateTime={new Date(week.from).toISOString()}>{exactTime(week.from, zone).slice(0, 10)}</time>
      {isSoFar ? <span class="muted small"> so far</span> : null}
    </th>
    <td data-label="Incidents">
      <svg width={BAR + 2} height="12" aria-hidden="true">
        <rect class={isSoFar ? "bar so-far" : "bar"} x="1" y="1" width={(BAR * week.incidents) / most} height="10" />
      </svg>{" "}
      {week.incidents}
    </td>
    {times(week)}
    <td class="num" data-label="Not recovered">
      {week.open}
    </td>
  </tr>
);

const times = (of: Reliability) => (
  <>
    <td class="num" data-label="Shown after">
      {textOf(of.meanToShown)}
    </td>
    <td class="num" data-label="Acknowledged after">
      {textOf(of.meanToAcknowledged)}
    </td>
    <td class="num" data-label="Recovered after">
      {textOf(of.meanToRecovered)}
    </td>
  </>
);

const pipelines = ({ pipelines: listed, more, allHref, facts, state }: ReliabilityPage) => (
  <section aria-labelledby="by-pipeline">
    <h2 id="by-pipeline">By pipeline</h2>
    {listBox(
      listed.length === 0,
      facts.readTo === null
        ? emptyState(
            "No hours yet",
            "They are computed from the commits of this feed. Load the page again in a moment.",
          )
        : emptyState("No incident", "No run of any pipeline failed in these weeks."),
      () =>
        listTable({
          caption: "Incidents and mean times by pipeline, those that last first",
          columns: [
            { label: "Pipeline" },
            { label: "Incidents", width: 8 },
            { label: "Shown after", isNumber: true },
            { label: "Acknowledged after", isNumber: true },
            { label: "Recovered after", isNumber: true },
            { label: "Last failure", isNumber: true },
          ],
          rows: listed.map((one) => (
            <tr key={one.pipelineName}>
              <th scope="row">
                <a href={one.href}>{one.pipelineName}</a>
              </th>
              <td data-label="Incidents">
                {one.incidents} {one.open > 0 ? mark("bad", "not recovered") : null}
              </td>
              {times(one)}
              <td class="num" data-label="Last failure">
                <time dateTime={new Date(one.lastFailedAt).toISOString()}>
                  {clockTime(one.lastFailedAt, state.viewedAt, state.age.zone ?? UTC)}
                </time>
              </td>
            </tr>
          )),
        }),
    )}
    {more > 0 ? (
      <p class="more">
        <a href={allHref}>{more} more</a>
      </p>
    ) : null}
  </section>
);

const definitions = ({ facts, hoursHref, state }: ReliabilityPage) => (
  <section aria-labelledby="meant-title">
    <h2 id="meant-title">What is meant</h2>
    <dl class="panel-box">
      <dt id="incident">Incident</dt>
      <dd>
        Of a pipeline: from the first run that failed to the first run that completed after the last one that failed. A
        run that failed and was tried again with success is none. Runs that failed within one hour are one incident. It
        counts for the week, from Monday in UTC, in which it began.
      </dd>
      <dt id="shown">Shown after (mean time to detect)</dt>
      <dd>
        From the time that the failing event tells to the commit that brought it: from then on every page shows it.
        Clocks of publishers that are ahead count as no time.
      </dd>
      <dt id="acknowledged">Acknowledged after</dt>
      <dd>
        From the same time until somebody first acknowledged a problem of the pipeline, of the incidents in which
        somebody did.
        {state.at === null ? "" : " Acknowledgements after the moment of this page are left out."}
      </dd>
      <dt id="recovered">Recovered after (mean time to recover)</dt>
      <dd>From the same time to the end of the incident, of those that have ended.</dd>
      <dt>Where it comes from</dt>
      <dd>
        {hoursHref === null ? (
          <>The hours of pipelines, in memory as far as the tables of this feed tell.</>
        ) : (
          <>
            The hours of pipelines, kept in the feed <a href={hoursHref}>{facts.keptIn}</a>: also of events that are
            gone.
          </>
        )}
      </dd>
    </dl>
  </section>
);
