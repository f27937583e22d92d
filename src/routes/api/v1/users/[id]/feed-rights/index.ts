/** PUT /api/v1/users/{id}/feed-rights */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { setFeedRights } from "~/control/account/set-feed-rights";
import { controlCallWithBody } from "~/web/control-calls";

export const onPut: RequestHandler = (ev) =>
  controlCallWithBody(getApp(), ev, (ctx, input) => setFeedRights(ctx, ev.params["id"], input));
