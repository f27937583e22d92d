/** PUT /api/v1/users/{id}/disabled */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { disableUser } from "~/control/account/disable-user";
import { controlCallWithBody } from "~/web/control-calls";

export const onPut: RequestHandler = (ev) =>
  controlCallWithBody(getApp(), ev, (ctx, input) => disableUser(ctx, ev.params["id"], input));
