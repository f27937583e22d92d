/** The list of all pipelines, worst first. */
import { component$, useSignal, useVisibleTask$, type Signal } from "@builder.io/qwik";
import type { PipelineListFollow, PipelineListPage } from "~/web/pages/pipeline-list-page";
import { groupDigits } from "../ui/number-text";
import { followPage } from "../follow/follow-page";
import { freshParts } from "../follow/fresh-parts";
import { pickPageData } from "../page-data";
import type { DataAge } from "../shell/data-age";
import { exportMenu } from "../export/export-menu";
import { pageFoot } from "../shell/page-foot";
import { stateBar } from "../shell/state-bar";
import { listCounts, listRows } from "./pipeline-list-markup";
import { segmented } from "../ui/segmented";
import { moveAges } from "./pipeline-row";
import style from "./pipeline.css?inline";

export const PipelineListView = component$(() => {
  const page = pickPageData<PipelineListPage>("pipeline-list")!;
  const { state, filter, follow, kept, feeds } = page;
  const age = useSignal<DataAge>(state.age);
  const frame = state.at === null ? "" : "past";
  const renderedAt = state.renderedAt;
  const text = filter.text ?? "";
  const total = groupDigits(String(page.total));
  const counts = listCounts(page);
  const rows = listRows(page);
  const spec = follow === null ? "" : JSON.stringify(follow);
  return (
    <>
      <style dangerouslySetInnerHTML={style} />
      <main id="main" tabIndex={-1} class={frame} data-follow={spec}>
        {stateBar(age, state, null)}
        <div class="page">
          <div class="title">
            <h1>Pipelines</h1>
            <span class="muted">{page.title}</span>
            <span class="grow" />
            <a class="small" href="/settings/pipelines">
              Owners and runbooks
            </a>
            {exportMenu(page.exports, "pipelines", page.allText)}
          </div>
          {feeds.length > 0 ? <div>{segmented("Feeds with pipelines", feeds)}</div> : null}
          <div data-part="counts" dangerouslySetInnerHTML={counts} />
          <search>
            <form class="filters" method="get" action="/pipelines" aria-label="Filter of pipelines">
              {kept.map(([name, value]) => (
                <input key={name} type="hidden" name={name} value={value} />
              ))}
              <label class="wide">
                Part of the name
                <input
                  type="search"
                  name="q"
                  id="search"
                  value={text}
                  placeholder={`Of ${total} pipelines`}
                  aria-keyshortcuts="/"
                />
              </label>
              <button class="primary">Filter</button>
            </form>
          </search>
          <section aria-labelledby="pipe-list-title">
            <h2 class="quiet" id="pipe-list-title">
              Worst first
            </h2>
            <div class="panel-box" data-part="rows" data-rows dangerouslySetInnerHTML={rows} />
          </section>
        </div>
        {follow === null ? null : <FollowPipelines age={age} renderedAt={renderedAt} />}
      </main>
      {pageFoot(state.position, state.age.zone)}
    </>
  );
});

const FollowPipelines = component$<{ age: Signal<DataAge>; renderedAt: number }>(({ age, renderedAt }) => {
  // The live connection is what this page is for; it starts when the browser has nothing better to do.
  // eslint-disable-next-line qwik/no-use-visible-task
  useVisibleTask$(
    ({ cleanup }) => {
      const main = document.getElementById("main");
      if (!main) return;
      const { feed, topic, position, schemaId } = JSON.parse(main.dataset["follow"]!) as PipelineListFollow;
      let movedAt = age.value.now ?? renderedAt;
      const parts = freshParts(main);
      const stop = followPage({
        feed,
        topics: [{ topic, since: position, key: 0, schemaId }],
        renderedAt,
        age: age.value,
        newestIn: () => null,
        setAge: (next) => {
          age.value = next;
          if (next.now === null || next.now - movedAt < 60_000) return;
          movedAt = next.now;
          moveAges(main, movedAt);
          // What is late or silent now is told by the clock and not by an event.
          if (!document.hidden && next.link === "live") parts.changed();
        },
        onDelta: () => parts.changed(),
      });
      cleanup(() => {
        parts.close();
        stop();
      });
    },
    { strategy: "document-idle" },
  );
  return <span hidden />;
});
