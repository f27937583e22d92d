/** What machines sign in with. */
import { component$ } from "@builder.io/qwik";
import { routeLoader$, type DocumentHead, type RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { leavePageData } from "~/components/page-data";
import { TokensView } from "~/components/settings/tokens-view";
import { readForm } from "~/web/form";
import { actOnTokens, tokensPage } from "~/web/pages/tokens-page";
import { onlyParameters } from "~/web/parameters";

export const onPost: RequestHandler = async (ev) => actOnTokens(getApp(), ev, await readForm(ev));

export const useTokensPage = routeLoader$(async (ev) => {
  onlyParameters(ev.query, ["done"]);
  leavePageData(ev, "tokens", await tokensPage(getApp(), ev));
  return null;
});

export default component$(() => <TokensView />);

export const head: DocumentHead = { title: "Tokens" };
