/** GET /api/v1/dashboards/{id}/panels: the panels as the page shows them now. */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { sendPanels } from "~/web/dashboard-calls";

export const onGet: RequestHandler = (ev) => sendPanels(getApp(), ev, ev.params["id"]);
