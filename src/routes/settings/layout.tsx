/** The frame of the settings: their pages, side by side. */
import { component$, Slot } from "@builder.io/qwik";
import { routeLoader$ } from "@builder.io/qwik-city";
import { leavePageData, pickPageData } from "~/components/page-data";
import { settingsNav } from "~/components/settings/settings-nav";

export const useSettingsFrame = routeLoader$((ev) => {
  leavePageData(ev, "settings", ev.url.pathname);
  return null;
});

export default component$(() => {
  const path = pickPageData<string>("settings")!;
  return (
    <main id="main" tabIndex={-1}>
      <div class="page">
        {settingsNav(path)}
        <Slot />
      </div>
    </main>
  );
});
