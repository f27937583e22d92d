/** The page of a batch. */
import { component$ } from "@builder.io/qwik";
import { routeLoader$, type DocumentHead } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { leavePageData } from "~/components/page-data";
import { BatchView } from "~/components/batch/batch-view";
import { batchPage } from "~/web/pages/batch-page";
import { onlyParameters } from "~/web/parameters";

/** Leaves the page on the request; what it returns becomes state and is kept small. */
export const useBatchPage = routeLoader$(async (ev) => {
  onlyParameters(ev.query, ["at", "feed", "id", "with"]);
  const page = await batchPage(getApp(), ev);
  leavePageData(ev, "batch", page);
  return page.correlationId.slice(0, 120);
});

export default component$(() => <BatchView />);

export const head: DocumentHead = ({ resolveValue }) => ({
  title: `Batch ${resolveValue(useBatchPage)}`,
});
