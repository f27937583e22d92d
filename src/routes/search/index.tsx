/** The page that searches in errors. */
import { component$ } from "@builder.io/qwik";
import { routeLoader$, type DocumentHead } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { leavePageData } from "~/components/page-data";
import { SearchView } from "~/components/search/search-view";
import { searchPage } from "~/web/pages/search-page";

/** Leaves the page on the request; what it returns becomes state and is kept small. */
export const useSearchPage = routeLoader$(async (ev) => {
  leavePageData(ev, "search", await searchPage(getApp(), ev));
  return null;
});

export default component$(() => <SearchView />);

export const head: DocumentHead = { title: "Search in errors" };
