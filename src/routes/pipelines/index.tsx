/** The list of all pipelines. */
import { component$ } from "@builder.io/qwik";
import { routeLoader$, type DocumentHead, type RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { leavePageData } from "~/components/page-data";
import { PipelineListView } from "~/components/pipeline/pipeline-list-view";
import { sendPipelineList } from "~/web/list-export";
import { onlyParameters } from "~/web/parameters";
import { pipelineListPage } from "~/web/pages/pipeline-list-page";

const PARAMETERS = ["at", "feed", "limit", "q", "state"];

/** With `format` the address of the page answers with what it lists, for other programs. */
export const onGet: RequestHandler = async (ev) => {
  if (!ev.query.has("format")) return;
  onlyParameters(ev.query, [...PARAMETERS, "format"]);
  await sendPipelineList(getApp(), ev);
};

/** Leaves the page on the request; what it returns becomes state and is kept small. */
export const usePipelineListPage = routeLoader$(async (ev) => {
  onlyParameters(ev.query, PARAMETERS);
  leavePageData(ev, "pipeline-list", await pipelineListPage(getApp(), ev));
  return null;
});

export default component$(() => <PipelineListView />);

export const head: DocumentHead = { title: "Pipelines" };
