/** The page of a pipeline. */
import { component$ } from "@builder.io/qwik";
import { routeLoader$, type DocumentHead } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { leavePageData } from "~/components/page-data";
import { PipelineView } from "~/components/pipeline/pipeline-view";
import { onlyParameters } from "~/web/parameters";
import { pipelinePage } from "~/web/pages/pipeline-page";

/** Leaves the page on the request; what it returns becomes state and is kept small. */
export const usePipelinePage = routeLoader$(async (ev) => {
  onlyParameters(ev.query, ["at", "feed", "name"]);
  const page = await pipelinePage(getApp(), ev);
  leavePageData(ev, "pipeline", page);
  return page.pipelineName.slice(0, 120);
});

export default component$(() => <PipelineView />);

export const head: DocumentHead = ({ resolveValue }) => ({ title: `${resolveValue(usePipelinePage)} · Pipeline` });
