/** POST /api/v1/feeds/{feed}/dead-letters/{id}/replay */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { replayDeadLetter } from "~/web/dead-letter-calls";
import { onlyParameters } from "~/web/parameters";

export const onPost: RequestHandler = async (ev) => {
  onlyParameters(ev.query, []);
  const answer = await replayDeadLetter(getApp(), ev, ev.params["feed"]!, ev.params["id"]!);
  ev.headers.set("Cache-Control", "no-store");
  ev.json(202, answer);
};
