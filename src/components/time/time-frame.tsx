/** The frame of a page of the past: when it is of, where to go from there, how it is kept, and the line of time. */
import { durationText, exactTime, UTC } from "../ui/time-text";
import type { PageState } from "~/web/pages/page-time";
import { withParams } from "../shell/page-url";
import { keepMenu } from "./keep-menu";
import { scrubber } from "./scrubber";

export const timeFrame = (state: PageState) => {
  const { here, viewedAt, agoMs, notesHref, renderedAt, travel } = state;
  const { prevHref, nextHref, sinceHref, line } = travel;
  const zone = state.age.zone ?? UTC;
  const viewed = exactTime(viewedAt, zone).slice(0, 19);
  const ago = durationText(agoMs);
  const live = withParams(here, { at: null, vs: null, done: null });
  return (
    <section class="past-bar" aria-label="Time of this page">
      <div class="past-line">
        <span role="status">
          You are viewing {viewed} {zone}, {ago} ago
        </span>
        <span class="grow" />
        {stepLink("step-prev", "Previous", "‹", prevHref, "[")}
        {stepLink("step-next", "Next", "›", nextHref, "]")}
        {sinceHref !== null && (
          <a class="button" href={sinceHref}>
            Changes since
          </a>
        )}
        {notesHref !== null && (
          <a class="button" href={notesHref}>
            Notes
          </a>
        )}
        {keepMenu(state)}
        <a class="button solid" href={live}>
          Return to live
        </a>
      </div>
      {scrubber({ line, here, viewedAt, now: renderedAt, zone })}
    </section>
  );
};

const MARKS = { "‹": "before", "›": "after" } as const;

/** The commit beside the one that is shown. */
export const stepLink = (id: string, label: string, mark: "‹" | "›", href: string | null, key: string) =>
  href === null ? null : (
    <a class="button" id={id} href={href} data-key={key} aria-keyshortcuts={key} title={`${label} commit (${key})`}>
      {MARKS[mark] === "before" && <span aria-hidden="true">{mark}</span>}
      <span class="word">{label}</span>
      {MARKS[mark] === "after" && <span aria-hidden="true">{mark}</span>}
    </a>
  );
