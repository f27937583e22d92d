/** GET and POST /api/v1/feeds/{feed}/pins */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { incomingBody } from "~/web/ingest-calls";
import { onlyParameters } from "~/web/parameters";
import { listPins, pinInstant } from "~/web/pin-calls";

export const onGet: RequestHandler = async (ev) => {
  onlyParameters(ev.query, []);
  const pins = await listPins(getApp(), ev.params["feed"]!);
  ev.headers.set("Cache-Control", "no-store");
  ev.json(200, pins);
};

export const onPost: RequestHandler = async (ev) => {
  onlyParameters(ev.query, []);
  const pinned = await pinInstant(getApp(), ev, ev.params["feed"]!, incomingBody(ev).body);
  ev.headers.set("Cache-Control", "no-store");
  ev.json(201, pinned);
};
