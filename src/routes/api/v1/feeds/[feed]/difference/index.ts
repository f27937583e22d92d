/** GET /api/v1/feeds/{feed}/difference */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { differenceCall } from "~/web/difference-call";

export const onGet: RequestHandler = async (ev) => {
  ev.headers.set("Cache-Control", "no-cache");
  ev.json(200, await differenceCall(getApp(), ev.params["feed"]!, ev.query));
};
