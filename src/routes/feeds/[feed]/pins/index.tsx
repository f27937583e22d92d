/** The instants of a feed that are kept for good. */
import { component$ } from "@builder.io/qwik";
import { routeLoader$, type DocumentHead, type RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { leavePageData } from "~/components/page-data";
import { PinsView } from "~/components/time/pins-view";
import { readForm } from "~/web/form";
import { actOnPins, pinsPage } from "~/web/pages/pins-page";
import { onlyParameters } from "~/web/parameters";

export const onPost: RequestHandler = async (ev) => actOnPins(getApp(), ev, await readForm(ev));

export const usePinsPage = routeLoader$(async (ev) => {
  onlyParameters(ev.query, ["done"]);
  const page = await pinsPage(getApp(), ev);
  leavePageData(ev, "pins", page);
  return page.feed.title;
});

export default component$(() => <PinsView />);

export const head: DocumentHead = ({ resolveValue }) => ({ title: `Pins of ${resolveValue(usePinsPage)}` });
