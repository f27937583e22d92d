/** GET and POST /api/v1/saved-views */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { createSavedView } from "~/control/saved-view/create-saved-view";
import { listSavedViews } from "~/control/saved-view/list-saved-views";
import { controlCall, controlCallWithBody } from "~/web/control-calls";

export const onGet: RequestHandler = (ev) =>
  controlCall(getApp(), ev, async (ctx) => ({ savedViews: await listSavedViews(ctx) }));

export const onPost: RequestHandler = (ev) => controlCallWithBody(getApp(), ev, createSavedView, { status: 201 });
