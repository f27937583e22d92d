/** The list of all problems. */
import { component$ } from "@builder.io/qwik";
import { routeLoader$, type DocumentHead } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { leavePageData } from "~/components/page-data";
import { ProblemListView } from "~/components/problem/problem-list-view";
import { problemListPage } from "~/web/pages/problem-list-page";
import { onlyParameters } from "~/web/parameters";

/** Leaves the page on the request; what it returns becomes state and is kept small. */
export const useProblemListPage = routeLoader$(async (ev) => {
  onlyParameters(ev.query, ["at", "feed", "limit", "pipeline", "q", "state"]);
  leavePageData(ev, "problem-list", await problemListPage(getApp(), ev));
  return null;
});

export default component$(() => <ProblemListView />);

export const head: DocumentHead = { title: "Problems" };
