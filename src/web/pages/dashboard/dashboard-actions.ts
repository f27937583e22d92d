/** What the forms of a dashboard do, with and without script. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../../../app";
import type { ControlContext } from "../../../control/context";
import { deleteDashboard } from "../../../control/dashboard/delete-dashboard";
import { duplicateDashboard } from "../../../control/dashboard/duplicate-dashboard";
import { getDashboard } from "../../../control/dashboard/get-dashboard";
import { shareDashboard } from "../../../control/dashboard/share-dashboard";
import { updateDashboard } from "../../../control/dashboard/update-dashboard";
import { AppError, httpStatus } from "../../../model/app-error";
import { PANEL_KINDS, type Layout, type Panel, type PanelKind } from "../../../model/dashboard";
import { addPanel, editPanel, panelOf, removePanel } from "../../../model/dashboard-change";
import { resize, step } from "../../../model/dashboard-grid";
import { leaveOutcome, panelDefaults } from "./dashboard-page";

const STEPS = ["left", "right", "up", "down"] as const;
const SIZES: Readonly<Record<string, readonly [w: number, h: number]>> = {
  wider: [1, 0],
  narrower: [-1, 0],
  taller: [0, 1],
  shorter: [0, -1],
};
/** These the page tells of, with the form that was sent; everything else is the page of an error. */
const TOLD = ["bad-parameter", "conflict", "forbidden", "control-unavailable"];

/** Carries out a form and leads to the page; what was refused is told on it. @throws a redirect; AppError not-found, bad-body */
export async function actOnDashboard(
  app: App,
  ev: RequestEventCommon,
  ctx: ControlContext,
  form: URLSearchParams,
): Promise<void> {
  const id = ev.params["id"]!;
  const path = `/dashboards/${id}`;
  try {
    throw ev.redirect(303, await carryOut(app, ctx, id, path, form));
  } catch (error) {
    if (!(error instanceof AppError) || !TOLD.includes(error.code)) throw error;
    ev.status(httpStatus(error.code));
    leaveOutcome(ev, {
      ok: false,
      text: error.message,
      reload: error.code === "conflict" ? `${path}?arrange` : null,
    });
  }
}

/** @returns where to go */
async function carryOut(
  app: App,
  ctx: ControlContext,
  id: string,
  path: string,
  form: URLSearchParams,
): Promise<string> {
  const act = form.get("do") ?? "";
  switch (act) {
    case "delete":
      await deleteDashboard(ctx, id);
      return "/dashboards";
    case "duplicate":
      return `/dashboards/${(await duplicateDashboard(ctx, id, {})).id}`;
    case "share":
    case "unshare":
      await shareDashboard(ctx, id, { shared: act === "share" });
      return path;
    case "rename":
      await updateDashboard(ctx, id, { revision: revisionOf(form), name: form.get("name") });
      return path;
    default: {
      const { layout } = await getDashboard(ctx, id);
      const { next, panel } = changed(app, ctx, layout, act, form);
      if (next !== layout) await updateDashboard(ctx, id, { revision: revisionOf(form), layout: next });
      return `${path}?arrange${panel === null ? "" : `#panel-${panel}`}`;
    }
  }
}

const revisionOf = (form: URLSearchParams): number => Number(form.get("revision"));

function changed(
  app: App,
  ctx: ControlContext,
  layout: Layout,
  act: string,
  form: URLSearchParams,
): { next: unknown; panel: string | null } {
  const panel = form.get("panel") ?? "";
  if (act === "add") {
    const kind = form.get("kind") ?? "";
    if (!PANEL_KINDS.includes(kind as PanelKind))
      throw new AppError("bad-parameter", `kind: must be one of ${PANEL_KINDS.join(", ")}, not ${JSON.stringify(kind.slice(0, 40))}.`, { parameter: "kind" }); // prettier-ignore
    const added = addPanel(layout, kind as PanelKind, panelDefaults(app, ctx));
    return { next: added.layout, panel: added.id };
  }
  const own = panelOf(layout, panel);
  if (act === "remove") return { next: removePanel(layout, panel), panel: null };
  if (act === "edit")
    return {
      next: editPanel(layout, panel, { title: form.get("title") ?? "", settings: settingsOf(own.kind, form) }),
      panel,
    };
  const direction = STEPS.find((one) => one === act);
  const size = SIZES[act];
  if (!direction && !size)
    throw new AppError(
      "bad-body",
      `do must be what a button of the page says, not ${JSON.stringify(act.slice(0, 40))}.`,
    );
  const panels = direction ? step(layout.panels, panel, direction) : resize(layout.panels, panel, size![0], size![1]);
  return { next: panels === null ? layout : { ...layout, panels }, panel };
}

/** The settings in a form, in their types; whether they are right is for the verb to say. */
export function settingsOf(kind: PanelKind, form: URLSearchParams): Record<string, unknown> {
  const text = (name: string) => (form.get(name) ?? "").trim();
  const optional = (name: string) => (text(name) === "" ? null : text(name));
  const filter = text("filter").replace(/^\?/, "");
  const rows = /^\d{1,4}$/.test(text("rows")) ? Number(text("rows")) : text("rows");
  const settings: Record<PanelKind, Record<string, unknown>> = {
    counts: { feed: text("feed"), filter },
    table: {
      source: text("source"),
      filter,
      columns: text("columns")
        .split(/[\s,]+/)
        .filter(Boolean),
      rows,
    },
    problems: { view: text("view"), filter, rows },
    pipelines: { view: text("view"), filter, rows },
    chart: {
      ...{ feed: text("feed"), filter, measure: optional("field") === null ? "count" : "sum" },
      ...{ field: optional("field"), by: optional("by"), span: text("span") },
    },
    note: { text: (form.get("text") ?? "").replaceAll("\r\n", "\n") },
  } satisfies Record<Panel["kind"], Record<string, unknown>>;
  return settings[kind];
}
