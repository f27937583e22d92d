/** POST /api/v1/dashboards/{id}/duplicate */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { duplicateDashboard } from "~/control/dashboard/duplicate-dashboard";
import { controlCallWithBody } from "~/web/control-calls";

export const onPost: RequestHandler = (ev) =>
  controlCallWithBody(getApp(), ev, (ctx, input) => duplicateDashboard(ctx, ev.params["id"], input), { status: 201 });
