/** PUT /api/v1/saved-views/{id}/star */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { starSavedView } from "~/control/saved-view/star-saved-view";
import { controlCallWithBody } from "~/web/control-calls";

export const onPut: RequestHandler = (ev) =>
  controlCallWithBody(getApp(), ev, (ctx, input) => starSavedView(ctx, ev.params["id"], input));
