/** GET, PATCH and DELETE /api/v1/tokens/{id} */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { getToken } from "~/control/token/get-token";
import { revokeToken } from "~/control/token/revoke-token";
import { updateToken } from "~/control/token/update-token";
import { controlCall, controlCallWithBody } from "~/web/control-calls";

export const onGet: RequestHandler = (ev) => controlCall(getApp(), ev, (ctx) => getToken(ctx, ev.params["id"]));

export const onPatch: RequestHandler = (ev) =>
  controlCallWithBody(getApp(), ev, (ctx, input) => updateToken(ctx, ev.params["id"], input));

/** It stays in the list, as what was revoked. */
export const onDelete: RequestHandler = (ev) => controlCall(getApp(), ev, (ctx) => revokeToken(ctx, ev.params["id"]));
