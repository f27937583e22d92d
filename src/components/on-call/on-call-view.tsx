/** The first page: is it us, what is broken, since when, what happened last. */
import { component$, useSignal } from "@builder.io/qwik";
import type { Problem } from "~/model/problem";
import type { OnCallPage } from "~/web/pages/on-call-page";
import { NewBar } from "../event-table/follow-table";
import { RowBar } from "../event-table/row-bar";
import { eventHeader, EventRows } from "../event-table/rows";
import { tableStyle } from "../event-table/table-style";
import { FirstRun } from "../first-run/first-run";
import { pickPageData } from "../page-data";
import type { DataAge } from "../shell/data-age";
import { pageFoot } from "../shell/page-foot";
import { stateBar } from "../shell/state-bar";
import type { ShownOwner } from "../owner/owner-links";
import type { ShownMark } from "./decided";
import { viewsMenu } from "../views/views-menu";
import { Counts } from "./counts";
import { FollowOnCall } from "./follow-on-call";
import { Problems } from "./problems";

export const OnCallView = component$(() => {
  const page = pickPageData<OnCallPage>("on-call")!;
  const { state, feed, shape, firstCommand, status } = page;
  const age = useSignal<DataAge>(state.age);
  const minute = useSignal(state.age.committedAt ?? state.renderedAt);
  const waiting = useSignal(0);
  const isEmpty = useSignal(firstCommand !== null);
  const counts = useSignal<Readonly<Record<string, number>>>(page.status?.counts ?? {});
  const problems = useSignal<readonly Problem[]>(page.problems?.list ?? []);
  const marks = useSignal<readonly ShownMark[] | null>(page.decided?.marks ?? null);
  const owners = useSignal<readonly ShownOwner[]>(page.decided?.owners ?? []);
  const zone = state.age.zone ?? "UTC";
  const isPast = state.at !== null;
  const topic = page.problems?.topic ?? null;
  const position = page.problems?.position ?? null;
  const schemaId = page.problems?.schemaId ?? null;
  const { href, title } = feed;
  const renderedAt = state.renderedAt;
  const frame = state.at === null ? "" : "past";
  const known = status?.known ?? [];
  const field = status?.field ?? "";
  const heading = `On-call: ${title}`;
  return (
    <>
      <main id="main" tabIndex={-1} class={frame}>
        {stateBar(age, state, page.note)}
        <div class="page">
          <h1 class="quiet">{heading}</h1>
          {firstCommand === null ? null : <FirstRun command={firstCommand} title={title} isEmpty={isEmpty} />}
          {status !== null ? (
            <Counts isEmpty={isEmpty} counts={counts} known={known} field={field} feedHref={href} />
          ) : null}
          {topic !== null ? (
            <Problems
              isEmpty={isEmpty}
              problems={problems}
              marks={marks}
              owners={owners}
              now={minute}
              feedHref={href}
              zone={zone}
              isPast={isPast}
            />
          ) : null}
          <section aria-labelledby="newest-title">
            <div class="section-head">
              <h2 id="newest-title">Newest events</h2>
              <span class="grow" />
              {viewsMenu(page.views, null)}
              <a class="small" href={href}>
                All events
              </a>
            </div>
            <div class="table-box">
              {tableStyle(shape)}
              {eventHeader(shape)}
              <NewBar waiting={waiting} />
              <EventRows />
              <RowBar />
            </div>
          </section>
        </div>
        <FollowOnCall
          age={age}
          minute={minute}
          waiting={waiting}
          isEmpty={isEmpty}
          counts={counts}
          problems={problems}
          marks={marks}
          owners={owners}
          topic={topic}
          position={position}
          schemaId={schemaId}
          renderedAt={renderedAt}
        />
      </main>
      {pageFoot(state.position, state.age.zone)}
    </>
  );
});
