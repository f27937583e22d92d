/** GET /api/v1/feeds/{feed}/rows */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { sendRows } from "~/web/rows-call";

export const onGet: RequestHandler = (ev) => sendRows(getApp(), ev, ev.params["feed"]!);
