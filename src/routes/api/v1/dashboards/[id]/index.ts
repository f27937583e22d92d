/** GET, PATCH and DELETE /api/v1/dashboards/{id} */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { deleteDashboard } from "~/control/dashboard/delete-dashboard";
import { getDashboard } from "~/control/dashboard/get-dashboard";
import { updateDashboard } from "~/control/dashboard/update-dashboard";
import { controlCall, controlCallWithBody } from "~/web/control-calls";
import { MAX_LAYOUT_BYTES } from "~/web/dashboard-calls";

export const onGet: RequestHandler = (ev) => controlCall(getApp(), ev, (ctx) => getDashboard(ctx, ev.params["id"]));

export const onPatch: RequestHandler = (ev) =>
  controlCallWithBody(getApp(), ev, (ctx, input) => updateDashboard(ctx, ev.params["id"], input), {
    maxBytes: MAX_LAYOUT_BYTES,
  });

export const onDelete: RequestHandler = (ev) =>
  controlCall(getApp(), ev, (ctx) => deleteDashboard(ctx, ev.params["id"]));
