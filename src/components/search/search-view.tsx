/** The page that searches in errors: a form whose address is the search. */
import { component$, useSignal } from "@builder.io/qwik";
import type { SearchPage } from "~/web/pages/search-page";
import { groupDigits } from "../ui/number-text";
import { pickPageData } from "../page-data";
import type { DataAge } from "../shell/data-age";
import { pageFoot } from "../shell/page-foot";
import { stateBar } from "../shell/state-bar";
import { emptyState } from "../ui/empty-state";
import { segmented } from "../ui/segmented";
import { exactTime } from "../ui/time-text";
import { foundMarkup } from "./search-markup";

const SAMPLE = 'Words of an error, "a phrase"';

export const SearchView = component$(() => {
  const page = pickPageData<SearchPage>("search")!;
  const { state, text, pipeline, from, to, kept, feeds } = page;
  const age = useSignal<DataAge>(state.age);
  const frame = state.at === null ? "" : "past";
  const note = state.at === null ? "this page stands still: search again for newer errors" : null;
  return (
    <>
      <main id="main" tabIndex={-1} class={frame}>
        {stateBar(age, state, note)}
        <div class="page">
          <div class="title">
            <h1>Search in errors</h1>
            <span class="muted">{page.title}</span>
          </div>
          {feeds.length > 0 ? <div>{segmented("Feeds with errors", feeds)}</div> : null}
          <search>
            <form class="filters" method="get" action="/search" aria-label="Search in errors">
              {kept.map(([name, value]) => (
                <input key={name} type="hidden" name={name} value={value} />
              ))}
              <label class="wide">
                All of these words
                <input
                  type="search"
                  name="q"
                  id="search"
                  value={text}
                  maxLength={300}
                  placeholder={SAMPLE}
                  aria-keyshortcuts="/"
                  aria-describedby="search-rule"
                />
              </label>
              <label>
                Pipeline
                <input type="text" name="pipeline" value={pipeline} placeholder="Any" autocomplete="off" />
              </label>
              <label>
                From (UTC)
                <input type="text" name="from" value={from} placeholder="Any, or -2h" autocomplete="off" />
              </label>
              <label>
                Until (UTC)
                <input type="text" name="to" value={to} placeholder="Newest" autocomplete="off" />
              </label>
              <button class="primary">Search</button>
            </form>
          </search>
          <p class="muted small" id="search-rule">
            Parts of words count, in whatever case; an error must have all of them. Quotes make a phrase.
          </p>
          {resultOf(page)}
        </div>
      </main>
      {pageFoot(state.position, state.age.zone)}
    </>
  );
});

function resultOf({ found, olderHref, firstHref, state }: SearchPage) {
  if (found === null) return null;
  const { matches, grouped, problems, others, searchedFrom } = found;
  const zone = state.age.zone ?? "UTC";
  const events = `${groupDigits(String(matches))} ${matches === 1 ? "event" : "events"}`;
  const list = `${groupDigits(String(problems.length + others))} ${problems.length + others === 1 ? "problem" : "problems"}`;
  return (
    <section aria-labelledby="found-title">
      <div class="section-head">
        <h2 id="found-title">
          {matches === 0 ? "Nothing found" : `${events} of ${list}`}
          {others > 0 ? `, ${problems.length} shown` : ""}
        </h2>
        <span class="muted small">
          {searchedFrom === null
            ? "Searched everything that is kept"
            : `Searched back to ${exactTime(searchedFrom, zone).slice(0, 19)}`}
          {grouped < matches ? `; the newest ${groupDigits(String(grouped))} events are grouped` : ""}
        </span>
        <span class="grow" />
        {firstHref === null ? null : (
          <a class="small" href={firstHref}>
            Newest errors
          </a>
        )}
        {olderHref === null ? null : (
          <a class="small" href={olderHref}>
            Search older events
          </a>
        )}
      </div>
      <div class="panel-box">
        {problems.length === 0 ? (
          emptyState(
            "No error has all of these words.",
            olderHref === null ? null : "Older events were not looked at yet.",
          )
        ) : (
          <div dangerouslySetInnerHTML={foundMarkup(problems, zone)} />
        )}
      </div>
    </section>
  );
}
