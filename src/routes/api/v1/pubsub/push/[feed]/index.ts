/** POST /api/v1/pubsub/push/{feed}: 204 acknowledges the message, 5xx asks Pub/Sub to deliver it again. */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { incomingBody } from "~/web/ingest-calls";
import { onlyParameters } from "~/web/parameters";

export const onPost: RequestHandler = async (ev) => {
  // The address of a push subscription is often given a token of its own; here the signed one or the server's secret counts.
  onlyParameters(ev.query, ["token"]);
  await getApp().checkPush(ev.request.headers.get("authorization"));
  await getApp().ingest.pubsubPush(ev.params["feed"]!, incomingBody(ev));
  ev.send(204, "");
};
