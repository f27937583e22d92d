/** What changed between two instants. */
import { component$ } from "@builder.io/qwik";
import { routeLoader$, type DocumentHead } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { leavePageData } from "~/components/page-data";
import { DifferenceView } from "~/components/time/difference-view";
import { differencePage } from "~/web/pages/difference-page";
import { onlyParameters } from "~/web/parameters";

/** Leaves the page on the request; what it returns becomes state and is kept small. */
export const useDifferencePage = routeLoader$(async (ev) => {
  onlyParameters(ev.query, ["feed", "at", "vs", "show", "kind", "limit"]);
  leavePageData(ev, "difference", await differencePage(getApp(), ev));
  return null;
});

export default component$(() => <DifferenceView />);

export const head: DocumentHead = { title: "What changed" };
