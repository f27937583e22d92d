/** PUT /api/v1/users/{id}/role */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { setRole } from "~/control/account/set-role";
import { controlCallWithBody } from "~/web/control-calls";

export const onPut: RequestHandler = (ev) =>
  controlCallWithBody(getApp(), ev, (ctx, input) => setRole(ctx, ev.params["id"], input));
