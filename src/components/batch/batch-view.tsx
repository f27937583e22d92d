/** The page of a batch: what it is, how it went through its stages, and each attempt. */
import { component$, useSignal, useVisibleTask$, type Signal } from "@builder.io/qwik";
import type { BatchPage } from "~/web/pages/batch-page";
import { firstLine, groupDigits } from "../event-table/cell";
import { followPage } from "../follow/follow-page";
import { newestOf } from "../event-table/live-table";
import { pickPageData } from "../page-data";
import type { DataAge } from "../shell/data-age";
import { pageFoot } from "../shell/page-foot";
import { stateBar } from "../shell/state-bar";
import { durationText, exactTime, isoTime, UTC } from "../ui/time-text";
import type { ShownOwner } from "../owner/owner-links";
import { Waterfall } from "../waterfall/waterfall";
import { foldBatch, moveRows, type BatchEvents } from "./batch-events";

export const BatchView = component$(() => {
  const page = pickPageData<BatchPage>("batch")!;
  const { state, correlationId, feed, truncated } = page;
  const age = useSignal<DataAge>(state.age);
  const events = useSignal<BatchEvents>(page.events);
  const owners = page.owners;
  const eventsHref = feed.href;
  const renderedAt = state.renderedAt;
  const isPast = state.at !== null;
  const frame = isPast ? "past" : "";
  return (
    <>
      <main id="main" tabIndex={-1} class={frame}>
        {stateBar(age, state, null)}
        <div class="page">
          <div class="title">
            <h1>
              <span class="muted">Batch</span> <span class="mono">{correlationId}</span>
            </h1>
            <span class="grow" />
            <a class="small" href={eventsHref}>
              Its events
            </a>
          </div>
          <BatchBody events={events} age={age} owners={owners} />
          {truncated ? <p class="muted">Only the newest events of this batch are shown.</p> : null}
        </div>
        {isPast ? null : <FollowBatch age={age} events={events} renderedAt={renderedAt} />}
      </main>
      {pageFoot(state.position, state.age.zone)}
    </>
  );
});

const STATES = {
  running: ["run", "Running"],
  retrying: ["wait", "Retrying"],
  failed: ["bad", "Failed"],
  completed: ["ok", "Completed"],
} as const;

const BatchBody = component$<{
  events: Signal<BatchEvents>;
  age: Signal<DataAge>;
  owners: readonly ShownOwner[];
}>(({ events, age, owners }) => {
  const { committedAt, now, zone = UTC } = age.value;
  const { summary, attempts, urlField } = foldBatch(events.value);
  const { state, startedAt, endedAt, rowsIn, rowsOut, pipelines, failed } = summary;
  const until = Math.max(committedAt ?? 0, endedAt === null ? (now ?? 0) : 0);
  const [tone, word] = STATES[state];
  const error = attempts.findLast(({ status, error: text }) => status === "FAILED" && text !== null)?.error ?? null;
  return (
    <>
      <dl class="facts">
        <div>
          <dt>State</dt>
          <dd>
            <span class={`mark ${tone}`}>{word}</span>
          </dd>
        </div>
        <div>
          <dt>{pipelines.length === 1 ? "Pipeline" : "Pipelines"}</dt>
          <dd>{pipelines.join(", ")}</dd>
        </div>
        <div>
          <dt>Started</dt>
          <dd>
            <time dateTime={isoTime(startedAt) ?? ""}>
              {exactTime(startedAt, zone).slice(0, 19)} {zone}
            </time>
          </dd>
        </div>
        <div>
          <dt>{endedAt === null ? "Running for" : "Duration"}</dt>
          <dd>{durationText((endedAt ?? until) - startedAt)}</dd>
        </div>
        <div>
          <dt>Records in</dt>
          <dd>{rowsIn === null ? "–" : groupDigits(String(rowsIn))}</dd>
        </div>
        <div>
          <dt>Records out</dt>
          <dd>{rowsOut === null ? "–" : groupDigits(String(rowsOut))}</dd>
        </div>
        {failed > 0 && (
          <div>
            <dt>Failed attempts</dt>
            <dd>{failed}</dd>
          </div>
        )}
      </dl>
      {state === "failed" && error !== null && <p class="error-note">{firstLine(error)}</p>}
      <Waterfall
        attempts={attempts}
        until={until}
        urlField={urlField}
        keyField={events.value.key}
        zone={zone}
        owners={owners}
      />
    </>
  );
});

const FollowBatch = component$<{ age: Signal<DataAge>; events: Signal<BatchEvents>; renderedAt: number }>(
  ({ age, events, renderedAt }) => {
    // The live connection is what this page is for; it starts when the browser has nothing better to do.
    // eslint-disable-next-line qwik/no-use-visible-task
    useVisibleTask$(
      ({ cleanup }) => {
        const { feed, position, key, schemaId, eventTime } = events.value;
        const stop = followPage({
          feed,
          topics: [{ topic: `feeds/${feed}`, since: position, key, schemaId }],
          renderedAt,
          age: age.value,
          newestIn: (_, { up }) => newestOf(up, eventTime),
          setAge: (next) => (age.value = next),
          onDelta: (_, delta) => {
            const rows = moveRows(events.value, delta);
            // A batch whose last event has left the window stays as it was last seen.
            if (rows !== null && rows.length > 0) events.value = { ...events.value, rows };
          },
        });
        cleanup(stop);
      },
      { strategy: "document-idle" },
    );
    return <span hidden />;
  },
);
