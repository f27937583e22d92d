/** How soon failures are seen and how soon pipelines recover. */
import { component$ } from "@builder.io/qwik";
import { routeLoader$, type DocumentHead } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { leavePageData } from "~/components/page-data";
import { ReliabilityView } from "~/components/reliability/reliability-view";
import { onlyParameters } from "~/web/parameters";
import { reliabilityPage } from "~/web/pages/reliability-page";

/** Leaves the page on the request; what it returns becomes state and is kept small. */
export const useReliabilityPage = routeLoader$(async (ev) => {
  onlyParameters(ev.query, ["all", "at", "feed"]);
  leavePageData(ev, "reliability", await reliabilityPage(getApp(), ev));
  return null;
});

export default component$(() => <ReliabilityView />);

export const head: DocumentHead = { title: "Reliability" };
