/** GET /api/v1/feeds/{feed}/changes */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { sendChanges } from "~/web/live-calls";

export const onGet: RequestHandler = (ev) => {
  const feed = ev.params["feed"]!;
  return sendChanges(getApp(), ev, `feeds/${feed}`, { feed });
};
