/** Notes about an instant of a feed. */
import { component$ } from "@builder.io/qwik";
import { routeLoader$, type DocumentHead, type RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { leavePageData } from "~/components/page-data";
import { InstantView } from "~/components/problem/instant-view";
import { readForm } from "~/web/form";
import { actOnInstant, instantPage } from "~/web/pages/instant-page";
import { onlyParameters } from "~/web/parameters";

export const onPost: RequestHandler = async (ev) => actOnInstant(getApp(), ev, await readForm(ev));

export const useInstantPage = routeLoader$(async (ev) => {
  onlyParameters(ev.query, ["done"]);
  const page = await instantPage(getApp(), ev);
  leavePageData(ev, "instant", page);
  return page.instant;
});

export default component$(() => <InstantView />);

export const head: DocumentHead = ({ resolveValue }) => ({ title: `Notes on ${resolveValue(useInstantPage)}` });
