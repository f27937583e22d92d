/** The live layer of a page whose parts the server writes anew (`fresh-page.ts`). */
import { component$, useVisibleTask$, type Signal } from "@builder.io/qwik";
import type { DataAge } from "../shell/data-age";

export const FollowFresh = component$<{ age: Signal<DataAge>; renderedAt: number }>(({ age, renderedAt }) => {
  // The live connection is what the page is open for; it starts when the browser has nothing better to do.
  // eslint-disable-next-line qwik/no-use-visible-task
  useVisibleTask$(
    async ({ cleanup }) => {
      const leaving = new AbortController();
      cleanup(() => leaving.abort());
      const { followFresh } = await import("./fresh-page");
      if (leaving.signal.aborted) return;
      const stop = followFresh({ age: age.value, renderedAt, setAge: (next) => (age.value = next) });
      leaving.signal.addEventListener("abort", stop);
    },
    { strategy: "document-idle" },
  );
  return <span hidden />;
});
