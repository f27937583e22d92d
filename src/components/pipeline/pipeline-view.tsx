/** The page of a pipeline. Its parts are markup that the server writes and the live layer takes over anew. */
import { $, component$, sync$, useSignal, useVisibleTask$, type Signal } from "@builder.io/qwik";
import type { PipelinePage } from "~/web/pages/pipeline-page";
import { pickPageData } from "../page-data";
import type { DataAge } from "../shell/data-age";
import { pageFoot } from "../shell/page-foot";
import { stateBar } from "../shell/state-bar";
import { batchTable, gridMarkup } from "./grid-markup";
import { lineageMarkup } from "./lineage-markup";
import { pipelineFactsMarkup, pipelineProblems } from "./pipeline-markup";
import style from "./pipeline.css?inline";
import { qualityMarkup } from "./quality-markup";

export const PipelineView = component$(() => {
  const page = pickPageData<PipelinePage>("pipeline")!;
  const { state, hrefs, grid, follow } = page;
  const age = useSignal<DataAge>(state.age);
  const renderedAt = state.renderedAt;
  const name = page.pipelineName === "" ? "(no name)" : page.pipelineName;
  const frame = state.at === null ? "" : "past";
  const about = { pipelineName: page.pipelineName, at: state.at, now: page.now, zone: page.zone };
  const facts = pipelineFactsMarkup(page);
  const problems = pipelineProblems(page);
  const cells = gridMarkup(grid, about);
  const quality = qualityMarkup(grid);
  const lineage = lineageMarkup(page);
  const table = batchTable(grid, about);
  const spec = follow === null ? "" : JSON.stringify({ ...follow, name: page.pipelineName });
  const shown = `${grid.batches.length} of ${grid.batchesInAll}`;
  return (
    <>
      <style dangerouslySetInnerHTML={style} />
      <main id="main" tabIndex={-1} class={frame} data-follow={spec}>
        {stateBar(age, state, null)}
        <div class="page">
          <div class="title">
            <h1 class="pipe-title">
              <span class="muted">Pipeline</span> {name}
            </h1>
            <span class="grow" />
            <a class="small" href={hrefs.list}>
              All pipelines
            </a>
            <a class="small" href={hrefs.events}>
              Its events
            </a>
          </div>
          <div data-part="facts" dangerouslySetInnerHTML={facts} />
          <section aria-labelledby="grid-title">
            <div class="section-head">
              <h2 id="grid-title">Stages by batches</h2>
              <span class="muted small">the newest {shown}</span>
              <span class="grow" />
              <span class="muted small" id="grid-help">
                Arrow keys move, Enter opens the batch
              </span>
            </div>
            <div
              class="panel-box"
              data-part="grid"
              onKeyDown$={[
                sync$((event: KeyboardEvent) => {
                  // Before the code of the grid is there: the page must not scroll while the grid moves.
                  const isMove = /^(Arrow|Home$|End$|Page)/.test(event.key);
                  if (isMove && !event.altKey && !event.ctrlKey && !event.metaKey) event.preventDefault();
                }),
                $(async (event: KeyboardEvent) => (await import("./grid-keys")).onGridKey(event)),
              ]}
              onClick$={$(async (event: Event) => (await import("./grid-keys")).onGridClick(event))}
              onPointerOver$={$(async (event: Event) => (await import("./grid-keys")).onGridOver(event))}
              onFocusIn$={$(async (event: Event) => (await import("./grid-keys")).onGridOver(event))}
              dangerouslySetInnerHTML={cells}
            />
          </section>
          <section aria-labelledby="problems-title">
            <h2 class="pipe-h2" id="problems-title">
              Problems
            </h2>
            <div data-part="problems" dangerouslySetInnerHTML={problems} />
          </section>
          <div class="pipe-columns">
            <section aria-labelledby="quality-title">
              <h2 class="pipe-h2" id="quality-title">
                Quality
              </h2>
              <div class="panel-box pipe-box" data-part="quality" dangerouslySetInnerHTML={quality} />
            </section>
            <section aria-labelledby="lineage-title">
              <h2 class="pipe-h2" id="lineage-title">
                Upstream and downstream
              </h2>
              <div class="panel-box pipe-box" data-part="lineage" dangerouslySetInnerHTML={lineage} />
            </section>
          </div>
          <details class="pipe-batches" id="batches">
            <summary>Its last batches as a table</summary>
            <div class="panel-box" data-part="batches" dangerouslySetInnerHTML={table} />
          </details>
        </div>
        {follow === null ? null : <FollowPipeline age={age} renderedAt={renderedAt} />}
      </main>
      {pageFoot(state.position, state.age.zone)}
    </>
  );
});

const FollowPipeline = component$<{ age: Signal<DataAge>; renderedAt: number }>(({ age, renderedAt }) => {
  // The live connection is what this page is for; it starts when the browser has nothing better to do.
  // eslint-disable-next-line qwik/no-use-visible-task
  useVisibleTask$(
    async ({ cleanup }) => {
      const leaving = new AbortController();
      cleanup(() => leaving.abort());
      const { followPipeline } = await import("./follow-pipeline");
      if (leaving.signal.aborted) return;
      const stop = followPipeline({ age: age.value, renderedAt, setAge: (next) => (age.value = next) });
      leaving.signal.addEventListener("abort", stop);
    },
    { strategy: "document-idle" },
  );
  return <span hidden />;
});
