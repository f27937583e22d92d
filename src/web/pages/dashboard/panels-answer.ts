/** Panels of a dashboard as they are now, for a page that follows: what it shows afterwards is what loading it would show. */
import type { App } from "../../../app";
import type { ControlContext } from "../../../control/context";
import type { Zone } from "../../../components/ui/time-text";
import { lookAtDashboard } from "./look-at-dashboards";
import { followOf, present, type DashboardFollow } from "./dashboard-page";
import { viewPanels } from "./panel-view";
import { sectionMarkup } from "./section-markup";

export interface PanelsAnswer {
  follow: DashboardFollow;
  /** In the order of the page; only those that were asked for. */
  panels: { id: string; html: string }[];
}

/** @param only ids; null = all @throws AppError not-found, bad-body, control-unavailable */
export async function answerPanels(
  app: App,
  ctx: ControlContext,
  id: unknown,
  only: readonly string[] | null,
  arranging: boolean,
  zone: Zone,
): Promise<PanelsAnswer> {
  const {
    dashboard: { layout, ...dashboard },
  } = await lookAtDashboard(ctx, id);
  const wanted = layout.panels.filter((panel) => only === null || only.includes(panel.id));
  const view = await viewPanels(app, ctx, wanted, present(zone));
  const page = {
    arranging: arranging && dashboard.canEdit,
    here: `/dashboards/${dashboard.id}?arrange`,
    revision: dashboard.revision,
  };
  return {
    follow: followOf(app, ctx, dashboard, view, page.arranging),
    panels: view.panels.map((one) => ({ id: one.panel.id, html: sectionMarkup(one, page) })),
  };
}
