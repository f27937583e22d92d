/** GET /api/v1/feeds/{feed}/differences */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { sendDifferences } from "~/web/differences-call";

export const onGet: RequestHandler = (ev) => sendDifferences(getApp(), ev, ev.params["feed"]!);
