/** How one person likes the pages. */
import { component$ } from "@builder.io/qwik";
import { routeLoader$, type DocumentHead, type RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { leavePageData } from "~/components/page-data";
import { PreferencesForm } from "~/components/settings/preferences-form";
import { readForm } from "~/web/form";
import { keepPreferences, preferencesPage } from "~/web/pages/preferences-page";
import { onlyParameters } from "~/web/parameters";

export const onPost: RequestHandler = async (ev) => keepPreferences(getApp(), ev, await readForm(ev));

export const usePreferencesPage = routeLoader$(async (ev) => {
  onlyParameters(ev.query, ["done"]);
  leavePageData(ev, "preferences", await preferencesPage(getApp(), ev));
  return null;
});

export default component$(() => <PreferencesForm />);

export const head: DocumentHead = { title: "Preferences" };
