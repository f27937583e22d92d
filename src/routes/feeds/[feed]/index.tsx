/** The page of a feed: its newest events, filtered by the address. */
import { component$ } from "@builder.io/qwik";
import { routeLoader$, type DocumentHead } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { FeedView } from "~/components/feed/feed-view";
import { feedPage } from "~/web/pages/feed-page";

export const useFeedPage = routeLoader$((ev) => feedPage(getApp(), ev));

export default component$(() => {
  const page = useFeedPage().value;
  return <FeedView page={page} />;
});

export const head: DocumentHead = ({ resolveValue }) => ({ title: resolveValue(useFeedPage).title });
