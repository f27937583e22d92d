/** The open page of a problem hears when somebody else changed it. */
import { component$, useVisibleTask$ } from "@builder.io/qwik";
import { openLive } from "../live/open-live";

export interface FollowProblemProps {
  id: string;
  topic: string;
  position: string;
  schemaId: string;
}

export const FollowProblem = component$<FollowProblemProps>(({ id, topic, position, schemaId }) => {
  // The page is live like the others; nobody has to click for that.
  // eslint-disable-next-line qwik/no-use-visible-task
  useVisibleTask$(
    ({ cleanup }) => {
      const handle = openLive({
        topics: [{ topic, since: position, key: 0, schemaId }],
        onDelta: () => undefined,
        onNote: ({ ref }) => {
          if (ref === id) showChange();
        },
        onLink: () => undefined,
      });
      cleanup(() => handle.close());
    },
    { strategy: "document-idle" },
  );
  return <span hidden />;
});

/** Loads the page again, unless somebody is writing: then it says so, and what was typed stays. */
function showChange(): void {
  const fields = [
    ...document.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>("main input[name=reason], main textarea"),
  ];
  const place = document.getElementById("changed");
  if (place === null || fields.every(({ value }) => value === "")) location.replace(location.pathname);
  else place.textContent = "Somebody has changed this problem since: load the page again to see it.";
}
