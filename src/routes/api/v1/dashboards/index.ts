/** GET and POST /api/v1/dashboards */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { createDashboard } from "~/control/dashboard/create-dashboard";
import { listDashboards } from "~/control/dashboard/list-dashboards";
import { controlCall, controlCallWithBody } from "~/web/control-calls";
import { MAX_LAYOUT_BYTES } from "~/web/dashboard-calls";

export const onGet: RequestHandler = (ev) =>
  controlCall(getApp(), ev, async (ctx) => ({ dashboards: await listDashboards(ctx) }));

export const onPost: RequestHandler = (ev) =>
  controlCallWithBody(getApp(), ev, createDashboard, { status: 201, maxBytes: MAX_LAYOUT_BYTES });
