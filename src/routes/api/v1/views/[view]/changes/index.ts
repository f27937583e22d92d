/** GET /api/v1/views/{view}/changes */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { sendChanges } from "~/web/live-calls";

export const onGet: RequestHandler = (ev) => {
  const view = ev.params["view"]!;
  return sendChanges(getApp(), ev, `views/${view}`, { view });
};
