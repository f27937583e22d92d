/** GET /api/v1/users */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { listUsers } from "~/control/account/list-users";
import { controlCall } from "~/web/control-calls";

export const onGet: RequestHandler = (ev) =>
  controlCall(getApp(), ev, async (ctx) => ({ users: await listUsers(ctx) }));
