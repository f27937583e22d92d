/** POST /api/v1/pubsub/push/{feed}: 204 acknowledges the message, 5xx asks Pub/Sub to deliver it again. */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { incomingBody } from "~/web/ingest-calls";
import { onlyParameters } from "~/web/parameters";

export const onPost: RequestHandler = async (ev) => {
  // The address of a push subscription is often given a token of its own; here the server's secret is what counts.
  onlyParameters(ev.query, ["token"]);
  await getApp().ingest.pubsubPush(ev.params["feed"]!, incomingBody(ev));
  ev.send(204, "");
};
