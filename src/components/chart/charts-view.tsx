/** The page of charts of a feed. */
import { component$, useSignal } from "@builder.io/qwik";
import { countText } from "~/model/table-health/amounts";
import type { ChartsPage } from "~/web/pages/charts/charts-page";
import { pickPageData } from "../page-data";
import { FollowFresh } from "../follow/follow-fresh";
import type { DataAge } from "../shell/data-age";
import { pageFoot } from "../shell/page-foot";
import { stateBar } from "../shell/state-bar";
import { segmented } from "../ui/segmented";
import { charts, chartStyle } from "./charts";

export const ChartsView = component$(() => {
  const page = pickPageData<ChartsPage>("charts")!;
  const { state, title, feedHref, feeds, ranges, from, to, kept, filters, clearHref, lagRows, memory, memoryNote } =
    page;
  const age = useSignal<DataAge>(state.age);
  const frame = state.at === null ? "" : "past";
  const renderedAt = state.renderedAt;
  const spec = page.follow === null ? "" : JSON.stringify(page.follow);
  const lagNote = lagRows === null ? null : `Lag is of the newest ${countText(lagRows)} rows of this time.`;
  return (
    <>
      {chartStyle()}
      <main id="main" tabIndex={-1} class={frame} data-follow={spec}>
        {stateBar(age, state, null)}
        <div class="page">
          <div class="title">
            <h1>Charts of {title}</h1>
            <span class="grow" />
            <a class="small" href={feedHref}>
              Events
            </a>
          </div>
          <div class="chart-ranges">
            {feeds.length > 1 ? segmented("Feeds", feeds) : null}
            {segmented("Range", ranges)}
            <form method="get" action="/charts" class="chart-range" aria-label="Range of time">
              {kept.map(([name, value]) => (
                <input key={`${name}=${value}`} type="hidden" name={name} value={value} />
              ))}
              <label>
                From (UTC)
                <input name="from" required autocomplete="off" spellcheck={false} value={from} />
              </label>
              <label>
                To
                <input name="to" required autocomplete="off" spellcheck={false} value={to} />
              </label>
              <button>Show</button>
            </form>
          </div>
          {clearHref === null ? null : (
            <p class="small">
              Only where {filters.join(", ")}. <a href={clearHref}>Show all</a>
            </p>
          )}
          <h2 class="quiet">Charts</h2>
          <div data-part="charts">{charts(`Charts of ${title}`, page.charts)}</div>
          {memory.length === 0 ? null : (
            <div class="section-head">
              <h2>Behind the hot window</h2>
              <span class="muted small">Runs by hour, as they are remembered.</span>
            </div>
          )}
          <div data-part="memory">
            {memory.length === 0 ? null : charts("Charts of what lies behind the hot window", memory)}
          </div>
          {memoryNote === null ? null : <p class="muted small">{memoryNote}</p>}
          {lagNote === null ? null : <p class="muted small">{lagNote}</p>}
        </div>
        {page.follow === null ? null : <FollowFresh age={age} renderedAt={renderedAt} />}
      </main>
      {pageFoot(state.position, state.age.zone)}
    </>
  );
});
