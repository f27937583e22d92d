/** POST /api/v1/feeds/{feed}/events */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { incomingBody } from "~/web/ingest-calls";
import { onlyParameters } from "~/web/parameters";

export const onPost: RequestHandler = async (ev) => {
  onlyParameters(ev.query, []);
  const answer = await getApp().ingest.accept(ev.params["feed"]!, { ...incomingBody(ev), source: "http" });
  ev.headers.set("Cache-Control", "no-store");
  ev.json(202, answer);
};
