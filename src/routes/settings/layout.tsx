/** The frame of the settings: their pages, side by side. */
import { component$, Slot } from "@builder.io/qwik";
import { routeLoader$ } from "@builder.io/qwik-city";
import { leavePageData, pickPageData } from "~/components/page-data";
import { settingsNav } from "~/components/settings/settings-nav";
import { hasRole } from "~/control/actor";
import { actorOf } from "~/web/actor";

interface SettingsFrame {
  path: string;
  /** Some pages are for admins. */
  isAdmin: boolean;
}

export const useSettingsFrame = routeLoader$((ev) => {
  const frame: SettingsFrame = { path: ev.url.pathname, isAdmin: hasRole(actorOf(ev), "admin") };
  ev.headers.set("Cache-Control", "no-store"); // after signing out, going back shows nothing of it
  leavePageData(ev, "settings", frame);
  return null;
});

export default component$(() => {
  const { path, isAdmin } = pickPageData<SettingsFrame>("settings")!;
  return (
    <main id="main" tabIndex={-1}>
      <div class="page settings">
        {settingsNav(path, isAdmin)}
        <Slot />
      </div>
    </main>
  );
});
