/** GET /api/v1/users/{id}/sessions */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { listSessions } from "~/control/account/list-sessions";
import { controlCall } from "~/web/control-calls";

export const onGet: RequestHandler = (ev) =>
  controlCall(getApp(), ev, async (ctx) => ({ sessions: await listSessions(ctx, ev.params["id"]) }));
