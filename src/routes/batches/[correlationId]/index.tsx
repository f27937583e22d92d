/** The page of a batch. */
import { component$ } from "@builder.io/qwik";
import { routeLoader$, type DocumentHead } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { BatchView } from "~/components/batch/batch-view";
import { batchPage } from "~/web/pages/batch-page";
import { onlyParameters } from "~/web/parameters";

export const useBatchPage = routeLoader$((ev) => {
  onlyParameters(ev.query, ["at"]);
  return batchPage(getApp(), ev);
});

export default component$(() => {
  const page = useBatchPage().value;
  return <BatchView page={page} />;
});

export const head: DocumentHead = ({ resolveValue }) => ({
  title: `Batch ${resolveValue(useBatchPage).correlationId}`,
});
