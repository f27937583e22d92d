/** The page of a batch. Its parts are markup that the server writes and the live layer takes over anew. */
import { $, component$, useSignal, useVisibleTask$, type Signal } from "@builder.io/qwik";
import type { BatchPage } from "~/web/pages/batch-page";
import { pickPageData } from "../page-data";
import type { DataAge } from "../shell/data-age";
import { pageFoot } from "../shell/page-foot";
import { stateBar } from "../shell/state-bar";
import { batchParts } from "./batch-parts";
import { compareMarkup } from "./compare-markup";

export const BatchView = component$(() => {
  const page = pickPageData<BatchPage>("batch")!;
  const { state, hrefs, follow } = page;
  const age = useSignal<DataAge>(state.age);
  const renderedAt = state.renderedAt;
  const id = page.correlationId === "" ? "(no id)" : page.correlationId;
  const frame = state.at === null ? "" : "past";
  const spec = follow === null ? "" : JSON.stringify({ ...follow, name: page.correlationId });
  const compare = compareMarkup(page);
  const other = page.compared?.correlationId ?? "";
  const action = hrefs.plain.split("?", 1)[0]!;
  return (
    <>
      <main id="main" tabIndex={-1} class={frame} data-follow={spec}>
        {stateBar(age, state, null)}
        <div
          class="page"
          onClick$={$((event: Event) => {
            const text = (event.target as Element).closest<HTMLElement>("[data-copy]")?.dataset["copy"];
            if (text === undefined) return;
            const said = document.getElementById("copied")!;
            void navigator.clipboard.writeText(text).then(
              () => (said.textContent = "Copied."),
              () => (said.textContent = "The browser did not let it be copied: mark the text instead."),
            );
          })}
        >
          <div class="title">
            <h1 class="pipe-title">
              <span class="muted">Batch</span> <span class="mono">{id}</span>
            </h1>
            <span class="grow" />
            <a class="small" href={hrefs.events}>
              Its events
            </a>
          </div>
          <p id="copied" role="status" class="quiet" />
          {batchParts(page)}
          <section aria-labelledby="compare">
            <h2 class="pipe-h2" id="compare">
              Beside another batch
            </h2>
            <form class="line-form" method="get" action={action} aria-label="Compare with another batch">
              {page.kept.map(([name, value]) => (
                <input key={name} type="hidden" name={name} value={value} />
              ))}
              <label class="wide">
                Correlation ID of the other batch
                <input type="text" name="with" value={other} required autocomplete="off" spellcheck={false} />
              </label>
              <button>Compare</button>
            </form>
            <div class="batch-compare" data-part="compare" dangerouslySetInnerHTML={compare} />
          </section>
        </div>
        {follow === null ? null : <FollowBatch age={age} renderedAt={renderedAt} />}
      </main>
      {pageFoot(state.position, state.age.zone)}
    </>
  );
});

const FollowBatch = component$<{ age: Signal<DataAge>; renderedAt: number }>(({ age, renderedAt }) => {
  // The live connection is what this page is for; it starts when the browser has nothing better to do.
  // eslint-disable-next-line qwik/no-use-visible-task
  useVisibleTask$(
    async ({ cleanup }) => {
      const leaving = new AbortController();
      cleanup(() => leaving.abort());
      const { followPipeline } = await import("../pipeline/follow-pipeline");
      if (leaving.signal.aborted) return;
      const stop = followPipeline({ age: age.value, renderedAt, setAge: (next) => (age.value = next) });
      leaving.signal.addEventListener("abort", stop);
    },
    { strategy: "document-idle" },
  );
  return <span hidden />;
});
