/** Who answers for which pipeline. */
import { component$ } from "@builder.io/qwik";
import { routeLoader$, type DocumentHead, type RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { leavePageData } from "~/components/page-data";
import { PipelinesView } from "~/components/settings/pipelines-view";
import { readForm } from "~/web/form";
import { actOnPipeline, pipelinesPage } from "~/web/pages/pipelines-page";
import { onlyParameters } from "~/web/parameters";

export const onPost: RequestHandler = async (ev) => actOnPipeline(getApp(), ev, await readForm(ev));

export const usePipelinesPage = routeLoader$(async (ev) => {
  onlyParameters(ev.query, ["done", "pipeline"]);
  leavePageData(ev, "pipelines", await pipelinesPage(getApp(), ev));
  return null;
});

export default component$(() => <PipelinesView />);

export const head: DocumentHead = { title: "Owners" };
