/** The list of dashboards. */
import { component$ } from "@builder.io/qwik";
import { routeLoader$, type DocumentHead, type RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { DashboardsView } from "~/components/dashboard/dashboards-view";
import { leavePageData } from "~/components/page-data";
import { controlContext } from "~/web/actor";
import { MAX_LAYOUT_BYTES } from "~/web/dashboard-calls";
import { readFormData } from "~/web/form";
import { actOnDashboards, dashboardsPage } from "~/web/pages/dashboard/dashboards-page";
import { onlyParameters } from "~/web/parameters";

export const onPost: RequestHandler = async (ev) => {
  const app = getApp();
  await actOnDashboards(app, ev, controlContext(app, ev), await readFormData(ev, MAX_LAYOUT_BYTES));
};

export const useDashboardsPage = routeLoader$(async (ev) => {
  onlyParameters(ev.query, ["at"]);
  leavePageData(ev, "dashboards", await dashboardsPage(controlContext(getApp(), ev), ev));
  return null;
});

export default component$(() => <DashboardsView />);

export const head: DocumentHead = { title: "Dashboards" };
