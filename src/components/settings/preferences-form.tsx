/** Theme, zone, density, keys. */
import { component$, useServerData } from "@builder.io/qwik";
import type { PreferencesPage } from "~/web/pages/preferences-page";
import { pickPageData } from "../page-data";
import { BROWSER_ZONE_COOKIE } from "../shell/looks";
import { outcomeLine } from "../ui/notice-line";

/** The server cannot know the zone of a browser: its script tells it, for those who choose "local". */
const TELL_ZONE = `document.cookie="${BROWSER_ZONE_COOKIE}="+Intl.DateTimeFormat().resolvedOptions().timeZone+"; Path=/; Max-Age=31536000; SameSite=Lax"`;

export const PreferencesForm = component$(() => {
  const { preferences, zones, outcome } = pickPageData<PreferencesPage>("preferences")!;
  const nonce = useServerData<string>("nonce", "");
  return (
    <>
      <h1>Preferences</h1>
      {outcomeLine(outcome)}
      {preferences === null ? (
        <p>
          Your preferences are not there yet: the database that keeps them is starting or away. Load the page again
          soon.
        </p>
      ) : (
        <form method="post" action="/settings/preferences" class="settings-form">
          <label>
            Theme
            <select name="theme">
              {option("system", "As the system", preferences.theme)}
              {option("light", "Light", preferences.theme)}
              {option("dark", "Dark", preferences.theme)}
            </select>
          </label>
          <label>
            Time zone, such as Europe/Berlin; “local” is this browser's
            <input name="zone" required value={preferences.zone} autocomplete="off" {...{ list: "zones" }} />
          </label>
          <datalist id="zones">
            {zones.map((zone) => (
              <option key={zone} value={zone} />
            ))}
          </datalist>
          <label>
            Density
            <select name="density">
              {option("comfortable", "Comfortable", preferences.density)}
              {option("compact", "Compact", preferences.density)}
            </select>
          </label>
          <label>
            Numbers
            <select name="numbers">
              {option("auto", "As the browser's language writes them", preferences.numbers)}
              {option("comma", "1,234.5", preferences.numbers)}
              {option("dot", "1.234,5", preferences.numbers)}
              {option("space", "1 234,5", preferences.numbers)}
              {option("apostrophe", "1’234.5", preferences.numbers)}
            </select>
          </label>
          <label class="check">
            <input type="checkbox" name="keys" checked={preferences.keys} />
            Single keys are shortcuts
          </label>
          <div class="actions">
            <button class="primary">Save</button>
          </div>
          <p class="muted small">
            They are kept for you, and in a cookie of this browser. What is typed into filters and time travel stays
            UTC.
          </p>
        </form>
      )}
      <script nonce={nonce} dangerouslySetInnerHTML={TELL_ZONE} />
    </>
  );
});

const option = (value: string, label: string, current: string) => (
  <option value={value} selected={value === current}>
    {label}
  </option>
);
