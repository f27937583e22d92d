/** All saved views. */
import { component$ } from "@builder.io/qwik";
import { routeLoader$, type DocumentHead, type RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { leavePageData } from "~/components/page-data";
import { ViewsList } from "~/components/views/views-list";
import { readForm } from "~/web/form";
import { actOnView, viewsPage } from "~/web/pages/views-page";
import { onlyParameters } from "~/web/parameters";

export const onPost: RequestHandler = async (ev) => actOnView(getApp(), ev, await readForm(ev));

export const useViewsPage = routeLoader$(async (ev) => {
  onlyParameters(ev.query, ["done"]);
  leavePageData(ev, "views", await viewsPage(getApp(), ev));
  return null;
});

export default component$(() => <ViewsList />);

export const head: DocumentHead = { title: "Saved views" };
