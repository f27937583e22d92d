/** GET, PATCH and DELETE /api/v1/saved-views/{id} */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { deleteSavedView } from "~/control/saved-view/delete-saved-view";
import { getSavedView } from "~/control/saved-view/get-saved-view";
import { updateSavedView } from "~/control/saved-view/update-saved-view";
import { controlCall, controlCallWithBody } from "~/web/control-calls";

export const onGet: RequestHandler = (ev) => controlCall(getApp(), ev, (ctx) => getSavedView(ctx, ev.params["id"]));

export const onPatch: RequestHandler = (ev) =>
  controlCallWithBody(getApp(), ev, (ctx, input) => updateSavedView(ctx, ev.params["id"], input));

export const onDelete: RequestHandler = (ev) =>
  controlCall(getApp(), ev, (ctx) => deleteSavedView(ctx, ev.params["id"]));
