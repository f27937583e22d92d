/**
 * The browser's copy of the preferences (docs/notes-and-owners.md). Whoever reads or changes them at the server writes it, so
 * that pages know them without asking.
 */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../../app";
import { looksCookie, LOOKS_COOKIE } from "../../components/shell/looks";
import { THEME_COOKIE } from "../../components/shell/theme";
import { getPreferences } from "../../control/preference/get-preferences";
import type { Preferences } from "../../control/preference/preference";
import { AppError } from "../../model/app-error";
import { nobodysContext } from "../actor";

export function writePreferenceCookies(ev: RequestEventCommon, preferences: Preferences): void {
  const kept = { path: "/", maxAge: 365 * 86_400, sameSite: "lax", secure: ev.url.protocol === "https:" } as const;
  ev.cookie.set(LOOKS_COOKIE, looksCookie(preferences), kept);
  if (preferences.theme === "system") ev.cookie.delete(THEME_COOKIE, { path: "/" });
  else ev.cookie.set(THEME_COOKIE, preferences.theme, { ...kept });
}

/**
 * The preferences of somebody who has just signed in, whose browser may be new to them.
 *
 * @param session what their cookie holds
 */
export async function writePreferencesOf(app: App, ev: RequestEventCommon, session: string): Promise<void> {
  try {
    const actor = await app.sessions.actorOf(session);
    if (actor !== null) writePreferenceCookies(ev, await getPreferences({ ...nobodysContext(app, ev), actor }));
  } catch (error) {
    // They are signed in: a database that went away since is no reason to send them back.
    if (!(error instanceof AppError) || error.code !== "control-unavailable") throw error;
  }
}
