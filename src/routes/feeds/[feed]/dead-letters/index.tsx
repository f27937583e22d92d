/** The dead letters of a feed. */
import { component$ } from "@builder.io/qwik";
import { routeLoader$, type DocumentHead, type RequestHandler } from "@builder.io/qwik-city";
import { getApp } from "~/app-instance";
import { DeadLettersView } from "~/components/dead-letters/dead-letters-view";
import { readForm } from "~/web/form";
import { actOnDeadLetter, deadLettersPage } from "~/web/pages/dead-letters-page";

export const onPost: RequestHandler = async (ev) => actOnDeadLetter(getApp(), ev, await readForm(ev));

export const useDeadLettersPage = routeLoader$((ev) => deadLettersPage(getApp(), ev));

export default component$(() => {
  const page = useDeadLettersPage().value;
  return <DeadLettersView page={page} />;
});

export const head: DocumentHead = ({ resolveValue }) => ({
  title: `Dead letters, ${resolveValue(useDeadLettersPage).feed.title}`,
});
