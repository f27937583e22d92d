/** POST /sign-out: ends the session of the one who asks. */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { PROXY_SESSION } from "~/control/account/rights-of";
import { revokeSession } from "~/control/account/revoke-session";
import { controlContext } from "~/web/actor";
import { forgetCookies } from "~/web/session-cookie";

export const onPost: RequestHandler = async (ev) => {
  const ctx = controlContext(getApp(), ev);
  const { actor } = ctx;
  if (actor.kind === "user" && actor.sessionId !== PROXY_SESSION) await revokeSession(ctx, actor.sessionId);
  forgetCookies(ev);
  throw ev.redirect(303, "/sign-in");
};
