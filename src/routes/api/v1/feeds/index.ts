/** GET /api/v1/feeds */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { actorOf } from "~/web/actor";
import { describeFeed } from "~/web/describe-feed";
import { readableFeeds } from "~/web/feed-access";
import { onlyParameters } from "~/web/parameters";

export const onGet: RequestHandler = async (ev) => {
  onlyParameters(ev.query, []);
  const app = getApp();
  const feeds = await Promise.all(readableFeeds(app.feeds, actorOf(ev)).map((feed) => describeFeed(app, feed)));
  ev.headers.set("Cache-Control", "no-store");
  ev.json(200, { feeds });
};
