/**
 * The page of a dashboard. Panels are markup that the server wrote (`web/pages/dashboard`): nothing of them is state of the
 * framework, and the live layer replaces their contents with what the server would write now.
 */
import { component$, useSignal, useVisibleTask$, type Signal } from "@builder.io/qwik";
import type { DashboardPage } from "~/web/pages/dashboard/dashboard-page";
import { chartStyle, wakeCharts } from "../chart/charts";
import { pickPageData } from "../page-data";
import type { DataAge } from "../shell/data-age";
import { pageFoot } from "../shell/page-foot";
import { stateBar } from "../shell/state-bar";
import style from "./dashboard.css?inline";
import { dashboardBar } from "./dashboard-bar";
import { editForm } from "./edit-form";
import { followDashboard } from "./follow-dashboard";

export const DashboardView = component$(() => {
  const page = pickPageData<DashboardPage>("dashboard")!;
  const { state, dashboard, arranging, edited, grid, follow, hrefs } = page;
  const age = useSignal<DataAge>(state.age);
  const renderedAt = state.renderedAt;
  const frame = `dash${state.at === null ? "" : " past"}`;
  const spec = follow === null ? "" : JSON.stringify(follow);
  const name = dashboard.name;
  return (
    <>
      {chartStyle()}
      <style dangerouslySetInnerHTML={style} />
      <main id="main" tabIndex={-1} class={frame}>
        {stateBar(age, state, null)}
        <div class="page">
          {dashboardBar(page)}
          {edited === null ? null : editForm(edited, page)}
          {page.panels === 0 ? (
            <div class="empty panel-box">
              <strong>{name} has no panels yet.</strong>
              {arranging ? (
                <span>Add one with the button above.</span>
              ) : dashboard.canEdit ? (
                <a href={hrefs.arrange}>Arrange it</a>
              ) : null}
            </div>
          ) : null}
          <div
            id="dash-grid"
            class={arranging ? "dash-grid arranging" : "dash-grid"}
            tabIndex={-1}
            data-follow={spec}
            onPointerOver$={wakeCharts}
            onFocusIn$={wakeCharts}
            dangerouslySetInnerHTML={grid}
          />
        </div>
        {follow === null ? null : <FollowDashboard age={age} renderedAt={renderedAt} />}
      </main>
      {pageFoot(state.position)}
    </>
  );
});

const FollowDashboard = component$<{ age: Signal<DataAge>; renderedAt: number }>(({ age, renderedAt }) => {
  // The live connection is what this page is for; it starts when the browser has nothing better to do.
  // eslint-disable-next-line qwik/no-use-visible-task
  useVisibleTask$(
    ({ cleanup }) => {
      const grid = document.getElementById("dash-grid");
      if (!grid) return;
      cleanup(followDashboard(grid, { age: age.value, renderedAt, setAge: (next) => (age.value = next) }));
    },
    { strategy: "document-idle" },
  );
  return <span hidden />;
});
