/** Events that could not be taken: why, what was sent, and what to do with it. Buttons are plain forms. */
import { component$ } from "@builder.io/qwik";
import type { DeadLettersPage, Letter } from "~/web/pages/dead-letters-page";
import { groupDigits } from "../ui/number-text";
import { emptyState } from "../ui/empty-state";
import { listBox, listTable } from "../ui/list-table";
import { outcomeLine } from "../ui/notice-line";
import { postButton } from "../ui/post-button";
import { exactTime, isoTime, type Zone } from "../ui/time-text";

export const DeadLettersView = component$<{ page: DeadLettersPage }>(({ page }) => {
  const { feed, here, total, letters, nextHref, outcome, zone } = page;
  return (
    <main id="main" tabIndex={-1}>
      <div class="page">
        <div class="title">
          <h1>Dead letters</h1>
          <span class="muted">
            {feed.title}, {groupDigits(String(total))} kept
          </span>
          <span class="grow" />
          <a class="small" href={feed.href}>
            {feed.title}
          </a>
        </div>
        <p class="muted">
          What could not be taken is kept here as it was sent, until somebody sends it again or deletes it.
        </p>
        {outcomeLine(outcome)}
        {listBox(
          letters.length === 0,
          emptyState("No dead letters.", "Every event that was sent has been taken."),
          () =>
            listTable({
              caption: `Dead letters of ${feed.title}, newest first`,
              columns: [
                { label: `Received (${zone})`, width: 12 },
                { label: "Reason" },
                { label: "Field", width: 8 },
                { label: "Source", width: 8 },
                { label: "Bytes", width: 6, isNumber: true },
                { label: "What to do", width: 12, isQuiet: true },
              ],
              rows: letters.map((letter) => letterRow(letter, feed.name, here, zone)),
            }),
        )}
        {nextHref !== null && (
          <p>
            <a href={nextHref}>Older dead letters</a>
          </p>
        )}
      </div>
    </main>
  );
});

function letterRow({ id, at, source, field, reason, bytes }: Letter, feed: string, here: string, zone: Zone) {
  const when = exactTime(at, zone);
  return (
    <tr key={id}>
      <td>
        <time class="mono small" dateTime={isoTime(at) ?? ""}>
          {when}
        </time>
      </td>
      <td>{reason}</td>
      <td data-label="Field">{field === null ? null : <span class="mono small">{field}</span>}</td>
      <td data-label="Source">{source}</td>
      <td class="num" data-label="Bytes">
        {groupDigits(String(bytes))}
      </td>
      <td>
        <div class="actions">
          <a
            class="button"
            href={`/api/v1/feeds/${feed}/dead-letters/${encodeURIComponent(id)}`}
            download
            aria-label={`Download what was sent at ${when}`}
          >
            Raw
          </a>
          {button("replay", "Replay", `Send again what was received at ${when}`, id, here)}
          {button("delete", "Delete", `Delete what was received at ${when}`, id, here)}
        </div>
      </td>
    </tr>
  );
}

const button = (act: "replay" | "delete", text: string, name: string, id: string, here: string) =>
  postButton({ action: here, act, text, name, fields: { id } });
