/** A row as a line for people or for programs; nothing in it can act on a terminal. */
import { rowToObject, type Feed } from "../../model/feed";
import type { Row, WireValue } from "../../model/value";
import { plainLine } from "../plain-text";

const MOST_CHARS = 48;
const LEAST_CHARS = 8;

/** Columns as pages show them by default, one width each, as wide as what was seen so far. */
export class RowTable {
  readonly #feed: Feed;
  readonly #widths: number[];

  constructor(feed: Feed) {
    this.#feed = feed;
    this.#widths = feed.columns.map(() => LEAST_CHARS);
  }

  header(): string {
    return this.#line(this.#feed.columns.map(({ label }) => label));
  }

  line(row: Row): string {
    return this.#line(this.#feed.columns.map(({ index }) => this.#cell(row[index] ?? null, index)));
  }

  #line(cells: readonly string[]): string {
    const padded = cells.map((cell, i) => {
      const isLast = i === cells.length - 1;
      const text = isLast || cell.length <= MOST_CHARS ? cell : `${cell.slice(0, MOST_CHARS - 1)}…`;
      this.#widths[i] = Math.max(this.#widths[i]!, isLast ? 0 : text.length);
      return text.padEnd(isLast ? 0 : this.#widths[i]!);
    });
    return padded.join("  ").trimEnd();
  }

  #cell(value: WireValue, index: number): string {
    if (value === null) return "-";
    const { type } = this.#feed.fields[index]!;
    if (type.kind === "timestamp" && typeof value === "number")
      return new Date(type.unit === "millis" ? value : value / 1_000).toISOString();
    return plainLine(typeof value === "object" ? JSON.stringify(value) : String(value));
  }
}

/** Controls that JSON lets through and terminals act on. */
const C1 = /[\x7f-\x9f]/g;

export const rowJson = (feed: Feed, row: Row): string =>
  JSON.stringify(rowToObject(feed, row)).replace(
    C1,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
