/** GET /api/v1/feeds/{feed}/health */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { healthOf } from "~/web/health-calls";

export const onGet: RequestHandler = async (ev) => {
  ev.headers.set("Cache-Control", "no-cache");
  ev.json(200, await healthOf(getApp(), ev.params["feed"]!, ev.query));
};
