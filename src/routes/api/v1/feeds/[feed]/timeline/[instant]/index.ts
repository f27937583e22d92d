/** GET /api/v1/feeds/{feed}/timeline/{instant} */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { instantOf } from "~/web/health-calls";

export const onGet: RequestHandler = async (ev) => {
  ev.headers.set("Cache-Control", "no-cache");
  ev.json(200, await instantOf(getApp(), ev.params["feed"]!, ev.params["instant"]!, ev.query));
};
