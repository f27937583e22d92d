/** Pictures of past positions: built from the lake once, shared by whoever asks at the same time, a few kept. */
import type { FeedReader } from "../lake/reader";
import { AppError } from "../model/app-error";
import { eventTimeOf, keyOf, type Feed } from "../model/feed";
import { EVERYTHING } from "../model/filter";
import { pictureOfRows, type FeedPicture, type Standing } from "./picture";

export class PastPictures {
  readonly #hotRows: number;
  /** Rows of all kept pictures together; at least one picture is kept. */
  readonly #mostRows: number;
  readonly #kept = new Map<string, { picture: Promise<FeedPicture>; rows: number }>();

  constructor(hotRows: number, mostRows = 2 * hotRows) {
    this.#hotRows = hotRows;
    this.#mostRows = mostRows;
  }

  /** @throws AppError gone with the oldest instant that is kept */
  read(feed: Feed, reader: FeedReader, at: Standing): Promise<FeedPicture> {
    const key = `${feed.name}@${at.position}`;
    const known = this.#kept.get(key);
    if (known) {
      this.#kept.delete(key);
      this.#kept.set(key, known);
      return known.picture;
    }
    const entry = { picture: this.#build(feed, reader, at), rows: 0 };
    this.#kept.set(key, entry);
    entry.picture.then(
      ({ rows }) => {
        entry.rows = rows.length;
        this.#trim();
      },
      // Whoever asked gets the error; the next one asks again.
      () => this.#kept.delete(key),
    );
    return entry.picture;
  }

  async #build(feed: Feed, reader: FeedReader, at: Standing): Promise<FeedPicture> {
    const answer = await reader.snapshot({ at: at.position, filter: EVERYTHING, limit: this.#hotRows + 1 });
    if (answer.kind === "gone") {
      const since =
        answer.oldestInstant === null ? "nothing is kept any more" : `the oldest kept is ${answer.oldestInstant}`;
      throw new AppError("gone", `Instant ${at.instant ?? "0"} of feed ${feed.name} is no longer kept: ${since}.`, {
        oldest: answer.oldestInstant,
      });
    }
    const rows = answer.rows.slice(0, this.#hotRows);
    const last = answer.rows.length > this.#hotRows ? rows.at(-1) : undefined;
    return pictureOfRows(feed, at, rows, last ? [eventTimeOf(feed, last), keyOf(feed, last)] : null);
  }

  #trim(): void {
    let rows = [...this.#kept.values()].reduce((sum, entry) => sum + entry.rows, 0);
    for (const [key, entry] of this.#kept) {
      if ((rows <= this.#mostRows && this.#kept.size <= 64) || this.#kept.size === 1) return;
      rows -= entry.rows;
      this.#kept.delete(key);
    }
  }
}
