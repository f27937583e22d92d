/** The page of a feed. Takes no props and reads no signal, so that nothing but the small live parts of it travels as state. */
import { component$, useSignal, type Signal } from "@builder.io/qwik";
import type { FeedPage } from "~/web/pages/feed-page";
import { columnsMenu } from "../columns/columns-menu";
import { drawer } from "../drawer/drawer";
import { exportMenu } from "../export/export-menu";
import { groupDigits } from "../ui/number-text";
import { FollowTable, NewBar } from "../event-table/follow-table";
import { RowBar } from "../event-table/row-bar";
import { EventRows, sortHeader } from "../event-table/rows";
import { tableStyle } from "../event-table/table-style";
import { chipList, filterForm } from "../filters/filter-form";
import { FirstRun } from "../first-run/first-run";
import { pickPageData } from "../page-data";
import { viewsMenu } from "../views/views-menu";
import type { DataAge } from "../shell/data-age";
import { pageFoot } from "../shell/page-foot";
import { stateBar } from "../shell/state-bar";

export const FeedView = component$(() => {
  const page = pickPageData<FeedPage>("feed")!;
  const { title, state, filter, shape, note, rows, nextHref, firstHref, clearHref, sort } = page;
  const age = useSignal<DataAge>(state.age);
  const waiting = useSignal(0);
  const shown = useSignal(rows);
  const renderedAt = state.renderedAt;
  const frame = state.at === null ? "" : "past";
  const total = `${groupDigits(String(page.total))} ${page.total === 1 ? "event matches" : "events match"}`;
  const letters = `Dead letters (${groupDigits(String(page.deadLetters.count))})`;
  const lettersHref = page.deadLetters.href;
  const { tablesHref, chartsHref, differencesHref } = page;
  const isUsual = sort.usualHref === null;
  const label = `Events of ${title}, ${isUsual ? "newest first" : "sorted"}`;
  const stand = `${sort.text}. Times are ${state.age.zone ?? "UTC"}.`;
  const inLine = sort.text.charAt(0).toLowerCase() + sort.text.slice(1);
  const [firstText, nextText] = isUsual ? ["Newest events", "Older events"] : ["First events", "Next events"];
  const emptyHref = filter.chips.length > 0 ? clearHref : null;
  const firstCommand = page.firstCommand;
  const isEmpty = useSignal(firstCommand !== null);
  return (
    <>
      <main id="main" tabIndex={-1} class={frame} data-drawer={page.drawerFeed}>
        {stateBar(age, state, note)}
        <div class="page">
          <div class="title">
            <h1>{title}</h1>
            <span class="muted small">{isUsual ? total : `${total} · ${inLine}`}</span>
            <span class="grow" />
            {columnsMenu(page.columns)}
            {exportMenu(page.exports, shape.feed, page.allText)}
            {viewsMenu(page.views, page.everythingHref)}
            <a class="small" href={differencesHref}>
              What is different
            </a>
            <a class="small" href={chartsHref}>
              Charts
            </a>
            <a class="small" href={tablesHref}>
              Tables
            </a>
            <a class="small" href={lettersHref}>
              {letters}
            </a>
          </div>
          {firstCommand === null ? null : <FirstRun command={firstCommand} title={title} isEmpty={isEmpty} />}
          {filterForm(filter, state.here)}
          {chipList(filter, clearHref)}
          <section class="table-box" aria-label={label}>
            {tableStyle(shape)}
            {sortHeader(sort.heads)}
            <NewBar waiting={waiting} />
            <EventRows />
            <RowBar />
            {firstCommand === null ? <NoRows shown={shown} clearHref={emptyHref} /> : null}
            <div class="table-foot">
              <span>{stand}</span>
              {isUsual ? null : <a href={sort.usualHref!}>Newest first</a>}
              <span class="grow" />
              {firstHref === null ? null : <a href={firstHref}>{firstText}</a>}
              {nextHref === null ? null : <a href={nextHref}>{nextText}</a>}
            </div>
          </section>
        </div>
        <FollowTable age={age} waiting={waiting} isEmpty={isEmpty} shown={shown} renderedAt={renderedAt} />
      </main>
      {drawer()}
      {pageFoot(state.position, state.age.zone)}
    </>
  );
});

const NoRows = component$<{ shown: Signal<number>; clearHref: string | null }>(({ shown, clearHref }) => (
  <>
    {shown.value === 0 && (
      <div class="empty">
        <strong>No event matches.</strong>
        {clearHref === null ? (
          <span>There is none within the last 24 hours.</span>
        ) : (
          <a href={clearHref}>Show all events</a>
        )}
      </div>
    )}
  </>
));
