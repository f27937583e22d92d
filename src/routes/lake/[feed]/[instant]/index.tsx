/** What one instant did to the tables of a feed. */
import { component$ } from "@builder.io/qwik";
import { routeLoader$, type DocumentHead } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { TableInstantView } from "~/components/lake/table-instant-view";
import { leavePageData } from "~/components/page-data";
import { tableInstantPage } from "~/web/pages/lake/table-instant-page";

/** Leaves the page on the request; what it returns becomes state and is kept small. */
export const useTableInstantPage = routeLoader$(async (ev) => {
  const page = await tableInstantPage(getApp(), ev);
  leavePageData(ev, "table-instant", page);
  return page.instant;
});

export default component$(() => <TableInstantView />);

export const head: DocumentHead = ({ resolveValue }) => ({ title: `Instant ${resolveValue(useTableInstantPage)}` });
