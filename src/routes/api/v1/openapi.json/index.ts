/** GET /api/v1/openapi.json */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { actorOf } from "~/web/actor";
import { readableFeeds } from "~/web/feed-access";
import { openApi } from "~/web/openapi";
import { onlyParameters } from "~/web/parameters";
import { version } from "../../../../../package.json";

export const onGet: RequestHandler = (ev) => {
  onlyParameters(ev.query, []);
  ev.headers.set("Cache-Control", "no-cache");
  ev.json(200, openApi(readableFeeds(getApp().feeds, actorOf(ev)), version));
};
