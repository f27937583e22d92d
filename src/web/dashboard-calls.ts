/** Calls of dashboards that are more than a verb between two pieces of JSON. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../app";
import { exportDashboard } from "../control/dashboard/export-dashboard";
import { controlContext } from "./actor";
import { zoneOf } from "./pages/reader-zone";
import { answerPanels } from "./pages/dashboard/panels-answer";
import { onlyParameters } from "./parameters";

/** The largest layout, every letter of it escaped. */
export const MAX_LAYOUT_BYTES = 512 * 1024;

/** Saved by browsers under a name made of letters that every system takes. */
export async function sendExport(app: App, ev: RequestEventCommon, id: unknown): Promise<void> {
  onlyParameters(ev.query, []);
  const exported = await exportDashboard(controlContext(app, ev), id);
  const name = exported.name.replaceAll(/[^\w-]+/g, "-").replaceAll(/^-+|-+$/g, "") || "dashboard";
  ev.headers.set("Cache-Control", "no-store");
  ev.headers.set("Content-Disposition", `attachment; filename="${name}.weir-dashboard.json"`);
  ev.headers.set("Content-Type", "application/json; charset=utf-8");
  ev.send(200, `${JSON.stringify(exported, null, 2)}\n`);
}

/** `only` names panels, separated by commas; `arrange` = with the tools to arrange them. */
export async function sendPanels(app: App, ev: RequestEventCommon, id: unknown): Promise<void> {
  onlyParameters(ev.query, ["only", "arrange"]);
  const only = ev.query.get("only")?.split(",") ?? null;
  const answer = await answerPanels(app, controlContext(app, ev), id, only, ev.query.has("arrange"), zoneOf(ev));
  ev.headers.set("Cache-Control", "no-store");
  ev.json(200, answer);
}
