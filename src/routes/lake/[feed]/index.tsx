/** The tables of a feed: their health and their timelines. */
import { component$ } from "@builder.io/qwik";
import { routeLoader$, type DocumentHead } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { LakeView } from "~/components/lake/lake-view";
import { leavePageData } from "~/components/page-data";
import { lakePage } from "~/web/pages/lake/lake-page";

/** Leaves the page on the request; what it returns becomes state and is kept small. */
export const useLakePage = routeLoader$(async (ev) => {
  const page = await lakePage(getApp(), ev);
  leavePageData(ev, "lake", page);
  return page.title;
});

export default component$(() => <LakeView />);

export const head: DocumentHead = ({ resolveValue }) => ({ title: `Tables of ${resolveValue(useLakePage)}` });
