/** GET /api/v1/feeds/{feed}/timeline */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { timelineOf } from "~/web/history-calls";

export const onGet: RequestHandler = async (ev) => {
  ev.headers.set("Cache-Control", "no-cache");
  ev.json(200, await timelineOf(getApp(), ev.params["feed"]!, ev.query));
};
