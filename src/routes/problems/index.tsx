/** The list of all problems. */
import { component$ } from "@builder.io/qwik";
import { routeLoader$, type DocumentHead, type RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { leavePageData } from "~/components/page-data";
import { ProblemListView } from "~/components/problem/problem-list-view";
import { problemListPage } from "~/web/pages/problem-list-page";
import { sendProblemList } from "~/web/list-export";
import { onlyParameters } from "~/web/parameters";

const PARAMETERS = ["at", "feed", "limit", "pipeline", "q", "state"];

/** With `format` the address of the page answers with what it lists, for other programs. */
export const onGet: RequestHandler = async (ev) => {
  if (!ev.query.has("format")) return;
  onlyParameters(ev.query, [...PARAMETERS, "format"]);
  await sendProblemList(getApp(), ev);
};

/** Leaves the page on the request; what it returns becomes state and is kept small. */
export const useProblemListPage = routeLoader$(async (ev) => {
  onlyParameters(ev.query, PARAMETERS);
  leavePageData(ev, "problem-list", await problemListPage(getApp(), ev));
  return null;
});

export default component$(() => <ProblemListView />);

export const head: DocumentHead = { title: "Problems" };
