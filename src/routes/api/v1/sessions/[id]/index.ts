/** DELETE /api/v1/sessions/{id} */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { revokeSession } from "~/control/account/revoke-session";
import { controlCall } from "~/web/control-calls";

export const onDelete: RequestHandler = (ev) => controlCall(getApp(), ev, (ctx) => revokeSession(ctx, ev.params["id"]));
