/** GET /api/v1/views */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { mayUseFeed } from "~/control/actor";
import { actorOf } from "~/web/actor";
import { onlyParameters } from "~/web/parameters";

export const onGet: RequestHandler = (ev) => {
  onlyParameters(ev.query, []);
  const actor = actorOf(ev);
  const views = getApp()
    .live.views()
    .filter(({ feed }) => mayUseFeed(actor, "read", feed.name))
    .map(({ name, feed, shape }) => ({
      view: name,
      feed: feed.name,
      key: shape.fields[shape.key]!.name,
      cols: shape.fields.map((field) => field.name),
    }));
  ev.headers.set("Cache-Control", "no-cache");
  ev.json(200, { views });
};
