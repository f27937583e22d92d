/** The on-call page. */
import { component$ } from "@builder.io/qwik";
import { routeLoader$, type DocumentHead } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { OnCallView } from "~/components/on-call/on-call-view";
import { onCallPage } from "~/web/pages/on-call-page";
import { onlyParameters } from "~/web/parameters";

export const useOnCallPage = routeLoader$((ev) => {
  onlyParameters(ev.query, ["at"]);
  return onCallPage(getApp(), ev);
});

export default component$(() => {
  const page = useOnCallPage().value;
  return <OnCallView page={page} />;
});

export const head: DocumentHead = { title: "On-call" };
