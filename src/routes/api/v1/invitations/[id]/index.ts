/** DELETE /api/v1/invitations/{id} */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { revokeInvitation } from "~/control/account/revoke-invitation";
import { controlCall } from "~/web/control-calls";

export const onDelete: RequestHandler = (ev) =>
  controlCall(getApp(), ev, (ctx) => revokeInvitation(ctx, ev.params["id"]));
