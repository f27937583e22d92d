/** The list of all problems. */
import { component$, useSignal, useVisibleTask$, type Signal } from "@builder.io/qwik";
import type { ProblemListPage } from "~/web/pages/problem-list-page";
import { firstLine } from "../event-table/cell";
import { followPage } from "../follow/follow-page";
import { freshParts } from "../follow/fresh-parts";
import { pickPageData } from "../page-data";
import type { DataAge } from "../shell/data-age";
import { exportMenu } from "../export/export-menu";
import { pageFoot } from "../shell/page-foot";
import { stateBar } from "../shell/state-bar";
import { segmented } from "../ui/segmented";
import { problemCounts, problemRows } from "./problem-list-markup";

const MINUTE_MS = 60_000;

export const ProblemListView = component$(() => {
  const page = pickPageData<ProblemListPage>("problem-list")!;
  const { state, follow, kept, feeds, text, pipeline, pipelines } = page;
  const age = useSignal<DataAge>(state.age);
  const frame = state.at === null ? "" : "past";
  const renderedAt = state.renderedAt;
  const counts = problemCounts(page);
  const rows = problemRows(page);
  const spec = follow === null ? "" : JSON.stringify(follow);
  const note = state.at === null ? null : "problems are grouped as people group them today";
  return (
    <>
      <main id="main" tabIndex={-1} class={frame} data-follow={spec}>
        {stateBar(age, state, note)}
        <div class="page">
          <div class="title">
            <h1>Problems</h1>
            <span class="muted">{page.title}</span>
            <span class="grow" />
            <a class="small" href="/search">
              Search in errors
            </a>
            {exportMenu(page.exports, "problems", page.allText)}
          </div>
          {feeds.length > 0 ? <div>{segmented("Feeds with problems", feeds)}</div> : null}
          <div data-part="counts" dangerouslySetInnerHTML={counts} />
          <search>
            <form class="filters" method="get" action="/problems" aria-label="Filter of problems">
              {kept.map(([name, value]) => (
                <input key={`${name}=${value}`} type="hidden" name={name} value={value} />
              ))}
              <label class="wide">
                Part of the error, pipeline or stage
                <input type="search" name="q" id="search" value={text} aria-keyshortcuts="/" />
              </label>
              <label>
                Pipeline
                <select name="pipeline">
                  <option value="">Any</option>
                  {pipeline !== "" && !pipelines.includes(pipeline) ? (
                    <option value={pipeline} selected>
                      {firstLine(pipeline)}
                    </option>
                  ) : null}
                  {pipelines.map((name) => (
                    <option key={name} value={name} selected={name === pipeline}>
                      {firstLine(name)}
                    </option>
                  ))}
                </select>
              </label>
              <button class="primary">Filter</button>
            </form>
          </search>
          <section aria-labelledby="problem-list-title">
            <h2 class="quiet" id="problem-list-title">
              Failing ones first
            </h2>
            <div class="panel-box problem-trend" data-part="rows" data-rows dangerouslySetInnerHTML={rows} />
          </section>
        </div>
        {follow === null ? null : <FollowProblems age={age} renderedAt={renderedAt} />}
      </main>
      {pageFoot(state.position, state.age.zone)}
    </>
  );
});

const FollowProblems = component$<{ age: Signal<DataAge>; renderedAt: number }>(({ age, renderedAt }) => {
  // The live connection is what this page is for; it starts when the browser has nothing better to do.
  // eslint-disable-next-line qwik/no-use-visible-task
  useVisibleTask$(
    ({ cleanup }) => {
      const main = document.getElementById("main");
      if (!main) return;
      const spec = JSON.parse(main.dataset["follow"]!) as NonNullable<ProblemListPage["follow"]>;
      let movedAt = renderedAt;
      const parts = freshParts(main);
      const stop = followPage({
        feed: spec.feed,
        topics: [{ topic: spec.topic, since: spec.position, key: 0, schemaId: spec.schemaId }],
        renderedAt,
        age: age.value,
        newestIn: () => null,
        setAge: (next) => {
          age.value = next;
          if (next.now === null || next.now - movedAt < MINUTE_MS) return;
          movedAt = next.now;
          // Ages and trends move with the clock.
          if (!document.hidden && next.link === "live") parts.changed();
        },
        onDelta: () => parts.changed(),
        onDecided: () => parts.changed(),
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
