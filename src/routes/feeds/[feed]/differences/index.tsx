/** What is different about the events of a feed that a filter selects. */
import { component$ } from "@builder.io/qwik";
import { routeLoader$, type DocumentHead } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { DifferencesView } from "~/components/differences/differences-view";
import { leavePageData } from "~/components/page-data";
import { differencesPage } from "~/web/pages/differences-page";

/** Leaves the page on the request; what it returns becomes state and is kept small. */
export const useDifferencesPage = routeLoader$(async (ev) => {
  const page = await differencesPage(getApp(), ev);
  leavePageData(ev, "differences", page);
  return `What is different, ${page.title}`;
});

export default component$(() => <DifferencesView />);

export const head: DocumentHead = ({ resolveValue }) => ({ title: resolveValue(useDifferencesPage) });
