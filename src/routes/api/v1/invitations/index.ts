/** GET and POST /api/v1/invitations */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { inviteUser } from "~/control/account/invite-user";
import { listInvitations } from "~/control/account/list-invitations";
import { controlCall, controlCallWithBody } from "~/web/control-calls";

export const onGet: RequestHandler = (ev) =>
  controlCall(getApp(), ev, async (ctx) => ({ invitations: await listInvitations(ctx) }));

export const onPost: RequestHandler = (ev) => controlCallWithBody(getApp(), ev, inviteUser, { status: 201 });
