/** The open page of a problem follows it, and hears when somebody else changed what was decided about it. */
import { component$, useVisibleTask$, type Signal } from "@builder.io/qwik";
import type { ProblemPage } from "~/web/pages/problem-page";
import { followPage } from "../follow/follow-page";
import { freshParts } from "../follow/fresh-parts";
import type { DataAge } from "../shell/data-age";

const MINUTE_MS = 60_000;

export const FollowProblem = component$<{ age: Signal<DataAge>; renderedAt: number }>(({ age, renderedAt }) => {
  // The page is live like the others; nobody has to click for that.
  // eslint-disable-next-line qwik/no-use-visible-task
  useVisibleTask$(
    ({ cleanup }) => {
      const main = document.getElementById("main");
      if (!main) return;
      const { feed, topic, position, schemaId, id } = JSON.parse(main.dataset["follow"]!) as NonNullable<
        ProblemPage["follow"]
      >;
      let movedAt = renderedAt;
      const parts = freshParts(main);
      const stop = followPage({
        feed,
        topics: [{ topic, since: position, key: 0, schemaId }],
        renderedAt,
        age: age.value,
        newestIn: () => null,
        setAge: (next) => {
          age.value = next;
          if (next.now === null || next.now - movedAt < MINUTE_MS) return;
          movedAt = next.now;
          // Ages and the trend move with the clock.
          if (!document.hidden && next.link === "live") parts.changed();
        },
        onDelta: (_, { up, del }) => {
          if (del.includes(id) || up.some((row) => row[0] === id)) parts.changed();
        },
        onDecided: (note) => {
          if (note?.ref === id) showChange();
        },
      });
      cleanup(() => {
        parts.close();
        stop();
      });
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
