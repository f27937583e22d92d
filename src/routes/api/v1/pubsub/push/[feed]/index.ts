/** POST /api/v1/pubsub/push/{feed}: 204 acknowledges the message, everything else asks Pub/Sub to deliver it again. */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { actorOrNull } from "~/web/actor";
import { incomingBody } from "~/web/ingest-calls";
import { onlyParameters } from "~/web/parameters";
import { takePush } from "~/web/push-call";

export const onPost: RequestHandler = async (ev) => {
  // The address of a push subscription is often given a `token` of its own; here the signed one or the server's secret counts.
  onlyParameters(ev.query, ["token", "charge"]);
  await takePush(getApp(), {
    feed: ev.params["feed"]!,
    actor: actorOrNull(ev),
    authorization: ev.request.headers.get("authorization"),
    charge: ev.query.get("charge"),
    incoming: incomingBody(ev),
  });
  ev.send(204, "");
};
