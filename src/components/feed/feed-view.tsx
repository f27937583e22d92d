/** The page of a feed. Reads no signal itself, so that nothing of it but the small live parts travels as state. */
import { component$, useSignal, type Signal } from "@builder.io/qwik";
import type { FeedPage } from "~/web/pages/feed-page";
import { TableStyle } from "../event-table/table-style";
import { EventHeader, EventRows } from "../event-table/rows";
import { FollowTable, NewBar } from "../event-table/follow-table";
import { Chips, FilterForm } from "../filters/filter-form";
import { FirstRun } from "../first-run/first-run";
import { groupDigits } from "../event-table/cell";
import type { DataAge } from "../shell/data-age";
import { PageFoot } from "../shell/page-foot";
import { StateBar } from "../shell/state-bar";

export const FeedView = component$<{ page: FeedPage }>(({ page }) => {
  const { title, state, filter, shape, note, rows, total, nextHref, firstHref, clearHref, deadLetters } = page;
  const age = useSignal<DataAge>(state.age);
  const waiting = useSignal(0);
  const shown = useSignal(rows);
  return (
    <>
      <main id="main" tabIndex={-1} class={state.at === null ? "" : "past"}>
        <StateBar age={age} here={state.here} at={state.at} agoMs={state.agoMs} note={note} />
        <div class="page">
          <div class="title">
            <h1>{title}</h1>
            <span class="muted small">
              {groupDigits(String(total))} {total === 1 ? "event matches" : "events match"}
            </span>
            <span class="grow" />
            <a class="small" href={deadLetters.href}>
              Dead letters ({groupDigits(String(deadLetters.count))})
            </a>
          </div>
          {page.firstCommand !== null ? (
            <FirstRun command={page.firstCommand} title={title} />
          ) : (
            <>
              <FilterForm view={filter} here={state.here} />
              <Chips view={filter} clearHref={clearHref} />
            </>
          )}
          <section class="table-box" aria-label={`Events of ${title}, newest first`}>
            <TableStyle shape={shape} />
            <EventHeader shape={shape} />
            <NewBar waiting={waiting} />
            <EventRows />
            <NoRows shown={shown} clearHref={filter.chips.length > 0 ? clearHref : null} />
            <div class="table-foot">
              <span>Newest first. Times are UTC.</span>
              <span class="grow" />
              {firstHref !== null && <a href={firstHref}>Newest events</a>}
              {nextHref !== null && <a href={nextHref}>Older events</a>}
            </div>
          </section>
        </div>
        <FollowTable age={age} waiting={waiting} shown={shown} renderedAt={state.renderedAt} />
      </main>
      <PageFoot position={state.position} />
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
