/** GET /api/auth/callback/oidc: where the provider of single sign-on sends people back to. */
import type { RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { AppError } from "~/model/app-error";
import { nobodysContext } from "~/web/actor";
import { localPath } from "~/web/local-path";
import { writePreferencesOf } from "~/web/pages/preference-cookies";
import { clientOf, setSessionCookie, setTravelCookies } from "~/web/session-cookie";

export const onGet: RequestHandler = async (ev) => {
  const app = getApp();
  if (!app.accounts.hasProvider) throw new AppError("not-found", "This server has no single sign-on.");
  const brought = { search: ev.url.search, cookies: ev.request.headers.get("cookie") ?? "" };
  const client = clientOf(ev);
  const { location, session, cookies } = await app.accounts.endSingleSignOn(nobodysContext(app, ev), brought, client);
  setTravelCookies(ev, cookies);
  if (session) {
    setSessionCookie(ev, session.cookie, session.endsAt);
    await writePreferencesOf(app, ev, session.cookie);
  }
  const { origin, pathname, search } = new URL(location, client.origin);
  throw ev.redirect(303, origin === client.origin ? localPath(pathname + search) : "/");
};
