/** GET /api/v1/views/{view}/rows */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { sendViewRows } from "~/web/view-rows-call";

export const onGet: RequestHandler = (ev) => sendViewRows(getApp(), ev, ev.params["view"]!);
