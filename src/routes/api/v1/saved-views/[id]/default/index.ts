/** PUT /api/v1/saved-views/{id}/default */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { setDefaultView } from "~/control/saved-view/set-default-view";
import { controlCallWithBody } from "~/web/control-calls";

export const onPut: RequestHandler = (ev) =>
  controlCallWithBody(getApp(), ev, (ctx, input) => setDefaultView(ctx, ev.params["id"], input));
