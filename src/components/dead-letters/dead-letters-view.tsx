/** Events that could not be taken: why, what was sent, and what to do with it. Buttons are plain forms. */
import { component$ } from "@builder.io/qwik";
import type { DeadLettersPage, Letter } from "~/web/pages/dead-letters-page";
import { groupDigits } from "../event-table/cell";
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
        {outcome !== null && (
          <p role="status" class={outcome.ok ? "outcome mark ok" : "outcome mark bad"}>
            {outcome.text}
          </p>
        )}
        <div class="panel-box">
          {letters.length === 0 ? (
            <div class="empty">
              <strong>No dead letters.</strong>
              <span>Every event that was sent has been taken.</span>
            </div>
          ) : (
            <table class="plain-table">
              <caption class="quiet">Dead letters of {feed.title}, newest first</caption>
              <thead>
                <tr>
                  <th scope="col" class="w-12">
                    {`Received (${zone})`}
                  </th>
                  <th scope="col">Reason</th>
                  <th scope="col" class="w-8">
                    Field
                  </th>
                  <th scope="col" class="w-8">
                    Source
                  </th>
                  <th scope="col" class="w-6 num">
                    Bytes
                  </th>
                  <th scope="col" class="w-12">
                    <span class="quiet">What to do</span>
                  </th>
                </tr>
              </thead>
              <tbody>{letters.map((letter) => letterRow(letter, feed.name, here, zone))}</tbody>
            </table>
          )}
        </div>
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

const button = (action: "replay" | "delete", text: string, name: string, id: string, here: string) => (
  <form method="post" action={here}>
    <input type="hidden" name="id" value={id} />
    <button name="do" value={action} aria-label={name}>
      {text}
    </button>
  </form>
);
