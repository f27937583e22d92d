/** Charts of a feed over a range of time. */
import { component$ } from "@builder.io/qwik";
import { routeLoader$, type DocumentHead } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { ChartsView } from "~/components/chart/charts-view";
import { leavePageData } from "~/components/page-data";
import { chartsPage } from "~/web/pages/charts/charts-page";

/** Leaves the page on the request; what it returns becomes state and is kept small. */
export const useChartsPage = routeLoader$(async (ev) => {
  const page = await chartsPage(getApp(), ev);
  leavePageData(ev, "charts", page);
  return page.title;
});

export default component$(() => <ChartsView />);

export const head: DocumentHead = ({ resolveValue }) => ({ title: `Charts of ${resolveValue(useChartsPage)}` });
