/** What was written down about an instant. */
import { component$ } from "@builder.io/qwik";
import type { InstantPage } from "~/web/pages/instant-page";
import { pickPageData } from "../page-data";
import { outcomeLine } from "../ui/notice-line";
import { exactTime } from "../ui/time-text";
import { noteForm, noteList } from "./note-list";

export const InstantView = component$(() => {
  const { instant, at, feed, onCallHref, here, zone, notes, mayChange, reader, outcome } =
    pickPageData<InstantPage>("instant")!;
  return (
    <main id="main" tabIndex={-1}>
      <div class="page">
        <div class="title">
          <h1>Notes on {exactTime(at, zone)}</h1>
          <span class="grow" />
          <a class="small" href={onCallHref}>
            On-call then
          </a>
          <a class="small" href={feed.href}>
            {feed.title} then
          </a>
        </div>
        <p class="muted">
          Instant <span class="mono">{instant}</span> of {feed.title}
        </p>
        {outcomeLine(outcome)}
        <section aria-label="Notes" class="kept">
          {notes === null ? (
            <p>Notes are not there yet: the database that keeps them is starting or away. Load the page again soon.</p>
          ) : (
            noteList(notes, here, zone, reader)
          )}
          {notes !== null && mayChange ? noteForm(here) : null}
        </section>
      </div>
    </main>
  );
});
