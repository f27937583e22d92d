/** What the list of dashboards shows, and what its forms do. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../../../app";
import type { ControlContext } from "../../../control/context";
import { createDashboard } from "../../../control/dashboard/create-dashboard";
import { deleteDashboard } from "../../../control/dashboard/delete-dashboard";
import { duplicateDashboard } from "../../../control/dashboard/duplicate-dashboard";
import { importDashboard } from "../../../control/dashboard/import-dashboard";
import type { ListedDashboard } from "../../../control/dashboard/list-dashboards";
import { parseJsonText } from "../../../control/dashboard/layout-input";
import { AppError, httpStatus } from "../../../model/app-error";
import { EMPTY_LAYOUT, type Layout } from "../../../model/dashboard";
import { addPanel, editPanel } from "../../../model/dashboard-change";
import { askedPast, type AskedPast } from "../asked-past";
import { zoneOf } from "../reader-zone";
import { keptSentence, lookAtDashboards } from "./look-at-dashboards";
import { leaveOutcome, panelDefaults, type Outcome } from "./dashboard-page";

export interface DashboardsPage {
  /** Of when dashboards open; null = the present. The list itself is of the present. */
  past: AskedPast | null;
  dashboards: ListedDashboard[];
  outcome: Outcome | null;
  /** That these are not as they are kept but as they were read last; null = they are. */
  kept: string | null;
  /** What was in the field of the import that was refused. */
  pasted: string;
}

const PASTED = "weir.dashboardPasted";
const TOLD = ["bad-parameter", "bad-body", "conflict", "forbidden", "unknown-feed", "control-unavailable"];

/** @throws AppError control-unavailable when they were not read before for the one who asks */
export async function dashboardsPage(ctx: ControlContext, ev: RequestEventCommon): Promise<DashboardsPage> {
  const { dashboards, keptAt } = await lookAtDashboards(ctx);
  return {
    past: askedPast(ev, ctx.clock.now()),
    dashboards,
    kept: keptSentence("these are the dashboards", keptAt, ctx.clock.now(), zoneOf(ev)),
    outcome: (ev.sharedMap.get("weir.dashboardOutcome") as Outcome | undefined) ?? null,
    pasted: (ev.sharedMap.get(PASTED) as string | undefined) ?? "",
  };
}

/** Carries out a form and leads on; what was refused is told on the page. @throws a redirect; AppError */
export async function actOnDashboards(
  app: App,
  ev: RequestEventCommon,
  ctx: ControlContext,
  form: FormData,
): Promise<void> {
  try {
    throw ev.redirect(303, await carryOut(app, ctx, form));
  } catch (error) {
    if (!(error instanceof AppError) || !TOLD.includes(error.code)) throw error;
    ev.status(error.code === "unknown-feed" ? 400 : httpStatus(error.code));
    ev.sharedMap.set(PASTED, textOf(form, "json"));
    leaveOutcome(ev, { ok: false, text: error.message, reload: null });
  }
}

async function carryOut(app: App, ctx: ControlContext, form: FormData): Promise<string> {
  const act = textOf(form, "do");
  switch (act) {
    case "create": {
      const layout = textOf(form, "start") === "example" ? exampleLayout(app, ctx) : EMPTY_LAYOUT;
      const { id } = await createDashboard(ctx, { name: textOf(form, "name"), layout });
      return layout === EMPTY_LAYOUT ? `/dashboards/${id}?arrange` : `/dashboards/${id}`;
    }
    case "import": {
      const file = form.get("file");
      const text = file instanceof Blob && file.size > 0 ? await file.text() : textOf(form, "json");
      return `/dashboards/${(await importDashboard(ctx, parseJsonText(text))).id}`;
    }
    case "duplicate":
      return `/dashboards/${(await duplicateDashboard(ctx, textOf(form, "id"), {})).id}`;
    case "delete":
      await deleteDashboard(ctx, textOf(form, "id"));
      return "/dashboards";
    default:
      throw new AppError("bad-body", `do must be create, import, duplicate or delete, not ${JSON.stringify(act.slice(0, 40))}.`); // prettier-ignore
  }
}

function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === "string" ? value : "";
}

/** A panel of every kind that there is something for. */
export function exampleLayout(app: App, ctx: ControlContext): Layout {
  const defaults = panelDefaults(app, ctx);
  const hasViews = defaults.problems !== null;
  const kinds = (["counts", "chart", "problems", "pipelines", "note", "table"] as const).filter(
    (kind) => hasViews || (kind !== "problems" && kind !== "pipelines"),
  );
  let layout = EMPTY_LAYOUT;
  for (const kind of kinds)
    if (kind !== "counts" || defaults.status !== null) layout = addPanel(layout, kind, defaults).layout;
  const places: Readonly<Record<string, object>> = {
    "chart-1": { x: 0, y: 2, w: 6, h: 5 },
    "problems-1": { x: 6, y: 2, w: 6, h: 5 },
    "pipelines-1": { x: 0, y: 7, w: 8, h: 5 },
    "note-1": { x: 8, y: 7, w: 4, h: 5 },
    "table-1": { x: 0, y: 12, w: 12, h: 6 },
  };
  const panels = layout.panels.map((panel) => ({ ...panel, place: { ...panel.place, ...places[panel.id] } }));
  const note = panels.some(({ id }) => id === "note-1");
  const settled = { ...layout, panels };
  return note ? (editPanel(settled, "note-1", { title: "", settings: { text: EXAMPLE_NOTE } }) as Layout) : settled;
}

const EXAMPLE_NOTE =
  "## How this works\n\n- **Arrange** moves, resizes and edits panels.\n- Everything is live, and `?at=` shows the same as of any moment.\n- A note like this is Markdown: runbooks, owners, [links](https://commonmark.org/help/).";
