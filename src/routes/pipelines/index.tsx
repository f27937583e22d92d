/** The list of all pipelines. */
import { component$ } from "@builder.io/qwik";
import { routeLoader$, type DocumentHead } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { leavePageData } from "~/components/page-data";
import { PipelineListView } from "~/components/pipeline/pipeline-list-view";
import { onlyParameters } from "~/web/parameters";
import { pipelineListPage } from "~/web/pages/pipeline-list-page";

/** Leaves the page on the request; what it returns becomes state and is kept small. */
export const usePipelineListPage = routeLoader$(async (ev) => {
  onlyParameters(ev.query, ["at", "feed", "limit", "q", "state"]);
  leavePageData(ev, "pipeline-list", await pipelineListPage(getApp(), ev));
  return null;
});

export default component$(() => <PipelineListView />);

export const head: DocumentHead = { title: "Pipelines" };
