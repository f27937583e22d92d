/** The page of a dashboard. */
import { component$ } from "@builder.io/qwik";
import { routeLoader$, type DocumentHead, type RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { DashboardView } from "~/components/dashboard/dashboard-view";
import { leavePageData } from "~/components/page-data";
import { controlContext } from "~/web/actor";
import { MAX_LAYOUT_BYTES } from "~/web/dashboard-calls";
import { readForm } from "~/web/form";
import { actOnDashboard } from "~/web/pages/dashboard/dashboard-actions";
import { dashboardPage } from "~/web/pages/dashboard/dashboard-page";
import { onlyParameters } from "~/web/parameters";

export const onPost: RequestHandler = async (ev) => {
  const app = getApp();
  await actOnDashboard(app, ev, controlContext(app, ev), await readForm(ev, MAX_LAYOUT_BYTES));
};

/** Leaves the page on the request; what it returns becomes state and is kept small. */
export const useDashboardPage = routeLoader$(async (ev) => {
  onlyParameters(ev.query, ["at", "arrange", "edit"]);
  const app = getApp();
  const page = await dashboardPage(app, ev, controlContext(app, ev));
  leavePageData(ev, "dashboard", page);
  return page.dashboard.name;
});

export default component$(() => <DashboardView />);

export const head: DocumentHead = ({ resolveValue }) => ({ title: resolveValue(useDashboardPage) });
