/** DELETE /api/v1/feeds/{feed}/pins/{instant} */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { onlyParameters } from "~/web/parameters";
import { unpinInstant } from "~/web/pin-calls";

export const onDelete: RequestHandler = async (ev) => {
  onlyParameters(ev.query, []);
  await unpinInstant(getApp(), ev, ev.params["feed"]!, ev.params["instant"]!);
  ev.send(204, "");
};
