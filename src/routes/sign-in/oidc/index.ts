/**
 * GET /sign-in/oidc: to the provider of single sign-on. A link, for a form may lead to no other site (`form-action`); all that it
 * does is to send this browser there.
 */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { AppError } from "~/model/app-error";
import { nobodysContext } from "~/web/actor";
import { localPath } from "~/web/local-path";
import { clientOf, setTravelCookies } from "~/web/session-cookie";

export const onGet: RequestHandler = async (ev) => {
  const app = getApp();
  if (!app.accounts.hasProvider) throw new AppError("not-found", "This server has no single sign-on.");
  const back = localPath(ev.query.get("back"));
  const begun = await app.accounts.beginSingleSignOn(nobodysContext(app, ev), back, clientOf(ev));
  if (begun === null) throw ev.redirect(303, `/sign-in?error=provider&back=${encodeURIComponent(back)}`);
  setTravelCookies(ev, begun.cookies);
  throw ev.redirect(303, begun.url);
};
