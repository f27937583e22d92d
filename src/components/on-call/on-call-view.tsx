/** The first page: is it us, what is broken, since when, what happened last. */
import { component$, useServerData, useSignal } from "@builder.io/qwik";
import type { OnCallPage } from "~/web/pages/on-call-page";
import { drawer } from "../drawer/drawer";
import { NewBar } from "../event-table/follow-table";
import { RowBar } from "../event-table/row-bar";
import { eventHeader, EventRows } from "../event-table/rows";
import { tableStyle } from "../event-table/table-style";
import { FirstRun } from "../first-run/first-run";
import { pickPageData } from "../page-data";
import type { DataAge } from "../shell/data-age";
import { pageFoot } from "../shell/page-foot";
import { stateBar } from "../shell/state-bar";
import { segmented } from "../ui/segmented";
import { viewsMenu } from "../views/views-menu";
import { FollowOnCall } from "./follow-on-call";
import { DATA_ID } from "./on-call-data";
import style from "./on-call.css?inline";

export const OnCallView = component$(() => {
  const page = pickPageData<OnCallPage>("on-call")!;
  const { state, feed, feeds, shape, firstCommand } = page;
  const age = useSignal<DataAge>(state.age);
  const waiting = useSignal(0);
  const isEmpty = useSignal(firstCommand !== null);
  const { href, title } = feed;
  const renderedAt = state.renderedAt;
  const frame = state.at === null ? "on-call" : "on-call past";
  const heading = `On-call: ${title}`;
  return (
    <>
      <style dangerouslySetInnerHTML={style} />
      <main id="main" tabIndex={-1} class={frame} data-drawer={page.drawerFeed}>
        {stateBar(age, state, page.note)}
        <div class="page oc-page">
          <h1 class="quiet">{heading}</h1>
          {feeds.length > 1
            ? segmented(
                "Feeds",
                feeds.map(({ title: label, href: to, isCurrent }) => ({ label, href: to, isCurrent })),
              )
            : null}
          {firstCommand === null ? null : <FirstRun command={firstCommand} title={title} isEmpty={isEmpty} />}
          <Console />
          <section class="oc-newest" aria-labelledby="newest-title">
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
        <FollowOnCall age={age} waiting={waiting} isEmpty={isEmpty} renderedAt={renderedAt} />
      </main>
      {drawer()}
      {pageFoot(state.position, state.age.zone)}
    </>
  );
});

/** The panels as static markup, which nothing of the framework reads or renders again: the live layer patches it. */
const Console = component$(() => {
  const { console, data, firstCommand } = pickPageData<OnCallPage>("on-call")!;
  const nonce = useServerData<string>("nonce", "");
  return (
    <>
      <div id="on-call" class="oc-console" hidden={firstCommand !== null} dangerouslySetInnerHTML={console} />
      <script type="application/json" id={DATA_ID} nonce={nonce} dangerouslySetInnerHTML={data} />
    </>
  );
});
