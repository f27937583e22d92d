/** The line on the on-call page that tells what changed since its reader last looked. */
import { $, component$, useOnDocument, useVisibleTask$ } from "@builder.io/qwik";
import type { LastLook } from "~/web/pages/last-look";
import { clockTime, durationText, type Zone } from "../ui/time-text";
import { noteLook } from "./last-look-cookies";

type Counts = NonNullable<LastLook["counts"]>;

export const sinceLastLook = ({ since, counts, countsHref, differenceHref }: LastLook, now: number, zone: Zone) => (
  <section class="since-look" aria-label="Since you last looked">
    <p>
      Since you last looked, {clockTime(since, now, zone)} ({durationText(now - since)} ago):{" "}
      {counts !== null ? <strong>{countsText(counts)}</strong> : <CountsLater href={countsHref} />}
    </p>
    <a class="button" id="since-last-look" href={differenceHref} data-key="d" aria-keyshortcuts="d">
      What changed
    </a>
    <form method="post" action="/seen">
      <input type="hidden" name="back" value="/" />
      <button>Mark as seen</button>
    </form>
  </section>
);

function countsText({ problems, stillFailing }: Counts): string {
  const some = (count: number, what: string) => `${count} ${what}`;
  const fresh = some(problems.newlyFailing, problems.newlyFailing === 1 ? "new problem" : "new problems");
  return `${fresh}, ${some(problems.recovered, "recovered")}, ${some(stillFailing, "still failing")}`;
}

/** Null when they cannot be had; the link to the difference itself is there all the same. */
async function askCounts(href: string): Promise<Counts | null> {
  try {
    const answer = await fetch(href);
    return answer.ok ? ((await answer.json()) as { summary: Counts }).summary : null;
  } catch {
    // A broken link: the line of the page's age tells of it by itself.
    return null;
  }
}

/** They were not known when the page was rendered: asked for once it has come to life. */
const CountsLater = component$<{ href: string }>(({ href }) => {
  // eslint-disable-next-line qwik/no-use-visible-task -- nothing of it is needed before the page is alive
  useVisibleTask$(
    async () => {
      const place = document.getElementById("since-counts");
      const counts = await askCounts(href);
      if (counts !== null && place !== null) place.textContent = countsText(counts);
    },
    { strategy: "document-idle" },
  );
  return <strong id="since-counts">what changed is being counted</strong>;
});

/** A page that is left open is looked at until it is hidden. */
export const LookKeeper = component$(() => {
  useOnDocument(
    "visibilitychange",
    $(() => {
      if (document.visibilityState === "hidden") noteLook(Date.now());
    }),
  );
  return <span hidden />;
});
