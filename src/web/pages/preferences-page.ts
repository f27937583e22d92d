/** How one person likes the pages: the form, and keeping what it says. */
import type { RequestEventCommon } from "@builder.io/qwik-city";
import type { App } from "../../app";
import { getPreferences } from "../../control/preference/get-preferences";
import type { Preferences } from "../../control/preference/preference";
import { setPreferences } from "../../control/preference/set-preferences";
import { controlContext } from "../actor";
import { writePreferenceCookies } from "./preference-cookies";
import { actByForm, outcomeOf, type Outcome } from "./form-outcome";
import { askForPage } from "./page-control";

export interface PreferencesPage {
  /** Null while the database is not there. */
  preferences: Preferences | null;
  zones: readonly string[];
  outcome: Outcome | null;
}

const PATH = "/settings/preferences";

export async function preferencesPage(app: App, ev: RequestEventCommon): Promise<PreferencesPage> {
  const outcome = outcomeOf(ev, { kept: "Your preferences are kept, and this page shows them." });
  return {
    preferences: await askForPage(app, ev, getPreferences),
    zones: ["UTC", "local", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")],
    outcome,
  };
}

/** @throws a redirect */
export async function keepPreferences(app: App, ev: RequestEventCommon, form: URLSearchParams): Promise<void> {
  await actByForm(ev, PATH, async () => {
    const kept = await setPreferences(controlContext(app, ev), {
      theme: form.get("theme"),
      zone: form.get("zone")?.trim(),
      density: form.get("density"),
      keys: form.get("keys") === "on",
      numbers: form.get("numbers"),
    });
    writePreferenceCookies(ev, kept);
    return "kept";
  });
}
