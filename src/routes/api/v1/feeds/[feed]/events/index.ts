/** POST /api/v1/feeds/{feed}/events */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { actorOf } from "~/web/actor";
import { incomingBody } from "~/web/ingest-calls";
import { onlyParameters } from "~/web/parameters";

export const onPost: RequestHandler = async (ev) => {
  onlyParameters(ev.query, []);
  const app = getApp();
  const answer = await app.ingest.accept(ev.params["feed"]!, { ...incomingBody(ev), source: "http" });
  app.tokens.spend(actorOf(ev), answer.accepted + answer.rejected.length);
  ev.headers.set("Cache-Control", "no-store");
  ev.json(202, answer);
};
