/** POST /api/v1/dashboards/import: what an export gave. */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { importDashboard } from "~/control/dashboard/import-dashboard";
import { controlCallWithBody } from "~/web/control-calls";
import { MAX_LAYOUT_BYTES } from "~/web/dashboard-calls";

export const onPost: RequestHandler = (ev) =>
  controlCallWithBody(getApp(), ev, importDashboard, { status: 201, maxBytes: MAX_LAYOUT_BYTES });
