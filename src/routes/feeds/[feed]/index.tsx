/** The page of a feed: its newest events, filtered by the address. */
import { component$ } from "@builder.io/qwik";
import { routeLoader$, type DocumentHead } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { leavePageData } from "~/components/page-data";
import { FeedView } from "~/components/feed/feed-view";
import { leadToDifference } from "~/web/pages/difference-page";
import { feedPage } from "~/web/pages/feed-page";

/** Leaves the page on the request; what it returns becomes state and is kept small. */
export const useFeedPage = routeLoader$(async (ev) => {
  leadToDifference(ev, ev.params["feed"]!);
  const page = await feedPage(getApp(), ev);
  leavePageData(ev, "feed", page);
  return page.title;
});

export default component$(() => <FeedView />);

export const head: DocumentHead = ({ resolveValue }) => ({ title: resolveValue(useFeedPage) });
