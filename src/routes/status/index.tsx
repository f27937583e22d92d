/** How the program itself is. */
import { component$ } from "@builder.io/qwik";
import { routeLoader$, type DocumentHead } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { leavePageData } from "~/components/page-data";
import { StatusView } from "~/components/status/status-view";
import { statusPage } from "~/web/pages/status-page";
import { onlyParameters } from "~/web/parameters";

export const useStatusPage = routeLoader$((ev) => {
  onlyParameters(ev.query, ["at"]); // links of a page of the past carry it; the program is as it is now
  leavePageData(ev, "status", statusPage(getApp(), ev));
  return null;
});

export default component$(() => <StatusView />);

export const head: DocumentHead = { title: "Status" };
