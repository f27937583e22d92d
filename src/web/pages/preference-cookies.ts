/**
 * The browser's copy of the preferences (docs/notes-and-owners.md). Whoever reads or changes them at the server writes it, so
 * that pages know them without asking.
 */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import { looksCookie, LOOKS_COOKIE } from "../../components/shell/looks";
import { THEME_COOKIE } from "../../components/shell/theme";
import type { Preferences } from "../../control/preference/preference";

export function writePreferenceCookies(ev: RequestEventCommon, preferences: Preferences): void {
  const kept = { path: "/", maxAge: 365 * 86_400, sameSite: "lax", secure: ev.url.protocol === "https:" } as const;
  ev.cookie.set(LOOKS_COOKIE, looksCookie(preferences), kept);
  if (preferences.theme === "system") ev.cookie.delete(THEME_COOKIE, { path: "/" });
  else ev.cookie.set(THEME_COOKIE, preferences.theme, { ...kept });
}
