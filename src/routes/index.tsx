/** The on-call page. */
import { component$ } from "@builder.io/qwik";
import { routeLoader$, type DocumentHead } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { leavePageData, pickPageData } from "~/components/page-data";
import { NoFeedView } from "~/components/on-call/no-feed-view";
import { OnCallView } from "~/components/on-call/on-call-view";
import { leadToDifference } from "~/web/pages/difference-page";
import { ON_CALL_PARAMETERS, onCallPage } from "~/web/pages/on-call-page";
import { onlyParameters } from "~/web/parameters";

/** Leaves the page on the request; what it returns becomes state and is kept small. */
export const useOnCallPage = routeLoader$(async (ev) => {
  leadToDifference(ev, ev.query.get("feed"));
  onlyParameters(ev.query, ON_CALL_PARAMETERS);
  leavePageData(ev, "on-call", await onCallPage(getApp(), ev));
  return null;
});

export default component$(() => (pickPageData("on-call") === null ? <NoFeedView /> : <OnCallView />));

export const head: DocumentHead = { title: "On-call" };
