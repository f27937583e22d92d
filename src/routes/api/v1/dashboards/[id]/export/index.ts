/** GET /api/v1/dashboards/{id}/export: the dashboard as a file. */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { sendExport } from "~/web/dashboard-calls";

export const onGet: RequestHandler = (ev) => sendExport(getApp(), ev, ev.params["id"]);
