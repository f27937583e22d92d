/** PUT /api/v1/dashboards/{id}/share */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { shareDashboard } from "~/control/dashboard/share-dashboard";
import { controlCallWithBody } from "~/web/control-calls";

export const onPut: RequestHandler = (ev) =>
  controlCallWithBody(getApp(), ev, (ctx, input) => shareDashboard(ctx, ev.params["id"], input));
