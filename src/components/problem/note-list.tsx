/** Notes and the form that writes one, of a problem or an instant. */
import type { ProblemPage } from "~/web/pages/problem-page";
import { exactTime, isoTime, type Zone } from "../ui/time-text";

type Note = NonNullable<ProblemPage["kept"]>["notes"][number];

export const when = (ms: number, zone: Zone) => (
  <time dateTime={isoTime(ms) ?? ""}>{exactTime(ms, zone).slice(0, 19)}</time>
);

/** @param reader whose own notes have a button that deletes them */
export const noteList = (notes: readonly Note[], here: string, zone: Zone, reader: { id: string; isAdmin: boolean }) =>
  notes.length === 0 ? (
    <p class="muted">Nothing was written down.</p>
  ) : (
    <ul class="notes">
      {notes.map(({ id, text, author, createdAt }) => (
        <li key={id}>
          <p class="note-text">{text}</p>
          <div class="actions small muted">
            {author.name}, {when(createdAt, zone)}
            {(reader.isAdmin || reader.id === author.id) && (
              <form method="post" action={here}>
                <input type="hidden" name="note" value={id} />
                <button
                  name="do"
                  value="delete-note"
                  aria-label={`Delete the note of ${author.name}, ${exactTime(createdAt, zone).slice(0, 19)}`}
                >
                  Delete
                </button>
              </form>
            )}
          </div>
        </li>
      ))}
    </ul>
  );

export const noteForm = (here: string) => (
  <form method="post" action={here} class="line-form">
    <input type="hidden" name="do" value="note" />
    <label class="wide">
      Write a note
      <textarea name="text" required maxLength={4_000} rows={3} />
    </label>
    <button>Add the note</button>
  </form>
);
