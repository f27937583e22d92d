/** The list of pins: what was kept, why, and the pages of then. */
import { component$ } from "@builder.io/qwik";
import type { PinsPage, ShownPin } from "~/web/pages/pins-page";
import { emptyState } from "../ui/empty-state";
import { groupDigits } from "../ui/number-text";
import { pickPageData } from "../page-data";
import { outcomeLine } from "../ui/notice-line";
import { exactTime } from "../ui/time-text";

export const PinsView = component$(() => {
  const page = pickPageData<PinsPage>("pins")!;
  const { feed, pins, outcome } = page;
  return (
    <main id="main" tabIndex={-1}>
      <div class="page">
        <div class="title">
          <h1>Pins of {feed.title}</h1>
          <span class="grow" />
          <a class="small" href={feed.href}>
            {feed.title} now
          </a>
        </div>
        <p class="muted">
          What was on the pages at a pinned instant is kept for good, whatever retention removes. The list itself is of
          the present.
        </p>
        {outcomeLine(outcome)}
        {pins.length === 0 ? (
          <div class="panel-box">
            {emptyState(
              "Nothing is pinned.",
              "Go to a moment of the past with “Time travel”, or with t, and pin it there.",
            )}
          </div>
        ) : (
          <ul class="pin-list">{pins.map((pin) => pinItem(pin, page))}</ul>
        )}
      </div>
    </main>
  );
});

const pinItem = (pin: ShownPin, { zone, mayChange, here }: PinsPage) => {
  const { instant, at, pinnedAt, note, rows, onCallHref, feedHref, notesHref } = pin;
  const time = `${exactTime(at, zone).slice(0, 19)} ${zone}`;
  return (
    <li key={instant}>
      <a href={onCallHref}>
        <strong>{time}</strong>
      </a>
      <span class="note">{note === "" ? <span class="muted">no note</span> : note}</span>
      <span class="muted small">
        {groupDigits(String(rows))} rows, pinned {exactTime(pinnedAt, zone).slice(0, 16)}
      </span>
      <span class="actions">
        <a class="small" href={feedHref} aria-label={`Events of ${time}`}>
          Events
        </a>
        <a class="small" href={notesHref} aria-label={`Notes on ${time}`}>
          Notes
        </a>
        {mayChange && (
          <form method="post" action={here}>
            <input type="hidden" name="at" value={instant} />
            <button name="do" value="unpin" aria-label={`Remove the pin of ${time}`}>
              Remove
            </button>
          </form>
        )}
      </span>
    </li>
  );
};
