/** GET /api/v1/feeds/{feed} */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { describeFeed } from "~/web/describe-feed";
import { onlyParameters } from "~/web/parameters";

export const onGet: RequestHandler = async (ev) => {
  onlyParameters(ev.query, []);
  const app = getApp();
  const description = await describeFeed(app, app.feed(ev.params["feed"]!));
  ev.headers.set("Cache-Control", "no-store");
  ev.json(200, description);
};
