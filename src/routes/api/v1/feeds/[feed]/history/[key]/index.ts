/** GET /api/v1/feeds/{feed}/history/{key} */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { historyOf } from "~/web/history-calls";

export const onGet: RequestHandler = async (ev) => {
  ev.headers.set("Cache-Control", "no-cache");
  ev.json(200, await historyOf(getApp(), ev.params["feed"]!, ev.params["key"]!, ev.query));
};
