/** GET /api/v1/feeds/{feed}/dead-letters */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { onlyParameters, wholeParameter } from "~/web/parameters";

export const onGet: RequestHandler = (ev) => {
  onlyParameters(ev.query, ["limit", "after"]);
  const letters = getApp().ingest.deadLetters(ev.params["feed"]!);
  ev.headers.set("Cache-Control", "no-store");
  ev.json(200, letters.list(wholeParameter(ev.query, "limit", 100, 1_000), ev.query.get("after")));
};
