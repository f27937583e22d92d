/** The page of a problem: who is on it, and what was written about it. */
import { component$ } from "@builder.io/qwik";
import { routeLoader$, type DocumentHead, type RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { leavePageData } from "~/components/page-data";
import { ProblemView } from "~/components/problem/problem-view";
import { readForm } from "~/web/form";
import { actOnProblem, problemPage } from "~/web/pages/problem-page";
import { onlyParameters } from "~/web/parameters";

export const onPost: RequestHandler = async (ev) => actOnProblem(getApp(), ev, await readForm(ev));

/** Leaves the page on the request; what it returns becomes state and is kept small. */
export const useProblemPage = routeLoader$(async (ev) => {
  onlyParameters(ev.query, ["at", "done"]);
  const page = await problemPage(getApp(), ev);
  leavePageData(ev, "problem", page);
  return `${page.problem.pipelineName}, ${page.problem.stageName}`;
});

export default component$(() => <ProblemView />);

export const head: DocumentHead = ({ resolveValue }) => ({ title: resolveValue(useProblemPage) });
