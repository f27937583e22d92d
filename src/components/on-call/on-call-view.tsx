/** The first page: is it us, what is broken, since when, what happened last. */
import { component$, useSignal } from "@builder.io/qwik";
import type { Problem } from "~/model/problem";
import type { OnCallPage } from "~/web/pages/on-call-page";
import { NewBar } from "../event-table/follow-table";
import { EventHeader, EventRows } from "../event-table/rows";
import { TableStyle } from "../event-table/table-style";
import { FirstRun } from "../first-run/first-run";
import type { DataAge } from "../shell/data-age";
import { PageFoot } from "../shell/page-foot";
import { StateBar } from "../shell/state-bar";
import { Counts } from "./counts";
import { FollowOnCall } from "./follow-on-call";
import { Problems } from "./problems";

export const OnCallView = component$<{ page: OnCallPage }>(({ page }) => {
  const { state, feed, shape, firstCommand } = page;
  const age = useSignal<DataAge>(state.age);
  const minute = useSignal(state.age.committedAt ?? state.renderedAt);
  const waiting = useSignal(0);
  const counts = useSignal<Readonly<Record<string, number>>>(page.status?.counts ?? {});
  const problems = useSignal<readonly Problem[]>(page.problems?.list ?? []);
  const topic = page.problems?.topic ?? null;
  const position = page.problems?.position ?? null;
  const schemaId = page.problems?.schemaId ?? null;
  return (
    <>
      <main id="main" tabIndex={-1} class={state.at === null ? "" : "past"}>
        <StateBar age={age} here={state.here} at={state.at} agoMs={state.agoMs} />
        <div class="page">
          <h1 class="quiet">On-call: {feed.title}</h1>
          {firstCommand !== null && <FirstRun command={firstCommand} title={feed.title} />}
          {page.status !== null && firstCommand === null && (
            <Counts counts={counts} known={page.status.known} field={page.status.field} feedHref={feed.href} />
          )}
          {topic !== null && firstCommand === null && (
            <Problems problems={problems} now={minute} feedHref={feed.href} />
          )}
          <section aria-labelledby="newest-title">
            <div class="section-head">
              <h2 id="newest-title">Newest events</h2>
              <span class="grow" />
              <a class="small" href={feed.href}>
                All events
              </a>
            </div>
            <div class="table-box">
              <TableStyle shape={shape} />
              <EventHeader shape={shape} />
              <NewBar waiting={waiting} />
              <EventRows />
            </div>
          </section>
        </div>
        <FollowOnCall
          age={age}
          minute={minute}
          waiting={waiting}
          counts={counts}
          problems={problems}
          topic={topic}
          position={position}
          schemaId={schemaId}
          renderedAt={state.renderedAt}
        />
      </main>
      <PageFoot position={state.position} />
    </>
  );
});
